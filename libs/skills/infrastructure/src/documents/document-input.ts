// The documents of a task: how they are named in a payload, and the one function that reads them.
import { skillErrors } from '@pulser/agent-runtime/skill';
import { z } from 'zod';

import { parseYaml, type YamlDocument, type YamlProblem } from './yaml-document.js';

export const formats = ['kubernetes', 'app-platform', 'compose'] as const;
export const Format = z.enum(formats).meta({
  description: 'Manifests of Kubernetes (several YAML documents), an App Platform spec, or a compose file',
});
export type Format = z.infer<typeof Format>;

/** Characters of one document. */
export const maxDocumentLength = 1_000_000;

export const DocumentInput = z.strictObject({
  name: z.string().trim().min(1).max(200).default('document').meta({ description: 'Shown with what is found in it' }),
  content: z.string().min(1).max(maxDocumentLength).meta({ description: 'YAML or JSON text' }),
});
export type DocumentInput = z.infer<typeof DocumentInput>;

export const infrastructureErrors = skillErrors({ document_unreadable: { permanent: true } });

export interface ReadDocument {
  readonly name: string;
  /** In the order of the text; without those that hold nothing. */
  readonly documents: readonly YamlDocument[];
  /** What keeps it, or a part of it, from being read as it is meant. */
  readonly problems: readonly YamlProblem[];
}

/**
 * Reads what a payload names. Today that is text in the payload itself; a reference to an artifact or a data set is
 * resolved here, which is why it is asynchronous.
 */
export const readDocument = (input: DocumentInput): Promise<ReadDocument> =>
  Promise.resolve({ name: input.name, ...parseYaml(input.content, input.name) });

/**
 * The same, for an operation that needs it whole.
 * @throws TaskError `document_unreadable` with line and column of the first thing that is wrong
 */
export const readWholeDocument = async (input: DocumentInput): Promise<ReadDocument> => {
  const read = await readDocument(input);
  const problem = read.problems.find(({ rule }) => rule !== 'yaml-boolean-word');
  if (problem === undefined) return read;
  throw infrastructureErrors.error('document_unreadable', `${read.name}: ${problem.message}`, {
    details: { name: read.name, line: problem.line, column: problem.column, rule: problem.rule },
  });
};
