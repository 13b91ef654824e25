// The documents of a task: how they are named in a payload, and the one function that reads them.
import { readFile } from 'node:fs/promises';

import { skillErrors, type TaskContext } from '@pulser/agent-runtime/skill';
import { z } from 'zod';

import { parseYaml, type YamlDocument, type YamlProblem } from './yaml-document.js';

export const formats = ['kubernetes', 'app-platform', 'compose'] as const;
export const Format = z.enum(formats).meta({
  description: 'Manifests of Kubernetes (several YAML documents), an App Platform spec, or a compose file',
});
export type Format = z.infer<typeof Format>;

/** Characters of one document. */
export const maxDocumentLength = 1_000_000;

export const DocumentInput = z
  .strictObject({
    name: z.string().trim().min(1).max(200).default('document').meta({ description: 'Shown with what is found in it' }),
    content: z.string().min(1).max(maxDocumentLength).optional().meta({ description: 'YAML or JSON text' }),
    artifact: z
      .string()
      .max(300)
      .startsWith('artifact:', 'Such as artifact:<task id>/manifests.yaml')
      .optional()
      .meta({ description: 'Instead of content: a file that another task made, artifact:<task id>/<name>' }),
  })
  .refine(({ content, artifact }) => (content === undefined) !== (artifact === undefined), {
    message: 'Give either content or artifact',
    path: ['content'],
  });
export type DocumentInput = z.infer<typeof DocumentInput>;

export const infrastructureErrors = skillErrors({
  document_unreadable: { permanent: true },
  document_too_large: { permanent: true },
});

export interface ReadDocument {
  readonly name: string;
  /** In the order of the text; without those that hold nothing. */
  readonly documents: readonly YamlDocument[];
  /** What keeps it, or a part of it, from being read as it is meant. */
  readonly problems: readonly YamlProblem[];
}

/** Where artifacts are opened. */
export type Opener = Pick<TaskContext, 'openData'>;

/** The text that a payload names. @throws TaskError `data_not_found`, `document_too_large` */
export const readText = async (
  { name, content, artifact = '' }: DocumentInput,
  { openData }: Opener,
): Promise<string> => {
  if (content !== undefined) return content;
  const { path, bytes } = await openData(artifact);
  if (bytes > maxDocumentLength)
    throw infrastructureErrors.error(
      'document_too_large',
      `${name} has ${bytes} bytes; at most ${maxDocumentLength} are read`,
      { details: { name, bytes, max_bytes: maxDocumentLength } },
    );
  return readFile(path, 'utf8');
};

/** The document of a text. */
export const documentOf = (name: string, text: string): ReadDocument => ({ name, ...parseYaml(text, name) });

/** Reads what a payload names. @throws TaskError `data_not_found`, `document_too_large` */
export const readDocument = async (input: DocumentInput, opener: Opener): Promise<ReadDocument> =>
  documentOf(input.name, await readText(input, opener));

/**
 * The same, for an operation that needs it whole.
 * @throws TaskError `document_unreadable` with line and column of the first thing that is wrong
 */
export const readWholeDocument = async (input: DocumentInput, opener: Opener): Promise<ReadDocument> => {
  const read = await readDocument(input, opener);
  const problem = read.problems.find(({ rule }) => rule !== 'yaml-boolean-word');
  if (problem === undefined) return read;
  throw infrastructureErrors.error('document_unreadable', `${read.name}: ${problem.message}`, {
    details: { name: read.name, line: problem.line, column: problem.column, rule: problem.rule },
  });
};
