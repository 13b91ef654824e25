// How a payload names a document, and the one function that reads it.
import { readFile } from 'node:fs/promises';

import type { TaskContext } from '@pulser/agent-runtime/skill';
import { z } from 'zod';

import { checkBounds, documentBounds, DocumentTooLarge } from './bounded-value.js';
import { readDocumentText } from './document-text.js';
import { documentationErrors } from './documentation-errors.js';
import { UnreadableText } from './unreadable-text.js';

const name = z.string().trim().min(1).max(200).optional().meta({ description: 'Shown in messages about it' });

export const DocumentInput = z.union([
  z.strictObject({
    name,
    content: z
      .union([z.string().min(1), z.record(z.string(), z.unknown())])
      .meta({ description: 'The document: a text of JSON or YAML, or the object itself' }),
  }),
  z.strictObject({
    name,
    reference: z
      .string()
      .max(500)
      .regex(/^(?:artifact|upload):/)
      .meta({ description: 'The document as a file: `artifact:<task id>/<name>` or `upload:<sha256>`' }),
  }),
]);
export type DocumentInput = z.infer<typeof DocumentInput>;

export interface ReadDocument {
  readonly name: string;
  readonly value: unknown;
}

/** A file of text. @throws UnreadableText, DocumentTooLarge, and what `openData` throws */
export const textOfFile = async (reference: string, context: TaskContext): Promise<string> => {
  const { path, bytes } = await context.openData(reference);
  // A character has four bytes at most.
  if (bytes > 4 * documentBounds.characters) throw new DocumentTooLarge(`It has ${bytes} bytes`);
  const content = await readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    throw new UnreadableText('It is no text in UTF-8', { cause: error });
  }
};

const read = async (input: DocumentInput, context: TaskContext): Promise<unknown> => {
  if ('reference' in input) return readDocumentText(await textOfFile(input.reference, context));
  if (typeof input.content === 'string') return readDocumentText(input.content);
  checkBounds(input.content);
  return input.content;
};

const nameOf = (input: DocumentInput): string =>
  input.name ?? ('reference' in input ? input.reference : 'The document');

/**
 * The document that a payload names, within `documentBounds`.
 * @throws TaskError `document_unreadable`, `document_too_large`, and what `openData` throws
 */
export const documentOf = async (input: DocumentInput, context: TaskContext): Promise<ReadDocument> => {
  try {
    return { name: nameOf(input), value: await read(input, context) };
  } catch (error) {
    throw refusal(nameOf(input), error);
  }
};

const refusal = (document: string, error: unknown): Error => {
  if (error instanceof DocumentTooLarge)
    return documentationErrors.error('document_too_large', `${document}: ${error.message}`);
  if (error instanceof UnreadableText)
    return documentationErrors.error(
      'document_unreadable',
      `${document} is neither JSON nor YAML: ${error.message.slice(0, 400)}`,
    );
  return error as Error;
};
