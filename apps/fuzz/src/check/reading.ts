// Has a file read by the skill, as a worker would.
import { runOperation } from '@pulser/agent-runtime/testing';
import { TaskError } from '@pulser/contracts';
import { analytics } from '@pulser/skill-analytics';
import { z } from 'zod';

import type { WrittenFile } from '../files/written-file.js';
import type { Answer } from './check.policy.js';

// The contract of the result, written down again: nothing of the reader is used here.
const Report = z.looseObject({
  columns: z.array(z.looseObject({ name: z.string(), type: z.string(), decided_by: z.string() })),
  rows: z.int(),
  rows_refused: z.int(),
  refused: z.array(z.looseObject({ reason: z.string() })),
  guesses: z.array(z.string()),
  warnings: z.array(z.looseObject({ code: z.string(), column: z.string().optional(), message: z.string() })),
});

const Result = z.looseObject({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  sources: z.array(Report).default([]),
});

const contentOf = ({ bytes, asText }: WrittenFile): Record<string, string> =>
  asText ? { content: bytes.toString('utf8') } : { content_base64: bytes.toString('base64') };

/** The task that reads a file. */
export const payloadOf = (file: WrittenFile): Record<string, unknown> => ({
  operation: 'query',
  sources: [{ name: 'file', format: file.format, ...contentOf(file), ...file.options }],
  sql: 'FROM file',
  max_rows: 10_000,
});

/** Reads the file. @throws what is no TaskError */
export const readBack = async (file: WrittenFile): Promise<Answer> => {
  try {
    const { result } = await runOperation(analytics, payloadOf(file));
    const { columns, rows, sources } = Result.parse(result);
    return { kind: 'read', columns, rows, report: sources[0] };
  } catch (error) {
    if (error instanceof TaskError) return { kind: 'refused', code: error.code, message: error.message };
    throw error;
  }
};
