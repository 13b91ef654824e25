// What handlers may ask of a memory, checked alike by the worker and by the test kit, and the errors that they get.
import { type AgentName, CreateMemory, isOutage, SearchMemories, TaskError } from '@pulser/contracts';
import { z } from 'zod';

import type { TaskContext } from './task-context.js';

export type MemoryCalls = Pick<TaskContext, 'remember' | 'searchMemory' | 'forgetMemory' | 'embed'>;

const maxMemories = 100;
const maxTexts = 1_000;
const maxTextCharacters = 32_000;

const { type, content, subject, trust, metadata, expires_at } = CreateMemory.shape;

const ToKeep = z
  .array(
    z.strictObject({
      type,
      content,
      subject,
      trust: trust.unwrap().default('derived'),
      metadata,
      expiresAt: expires_at,
      shared: z.boolean().default(false),
    }),
  )
  .max(maxMemories);

const ToFind = z.strictObject({
  text: SearchMemories.shape.text,
  type: SearchMemories.shape.type,
  subject: SearchMemories.shape.subject,
  limit: SearchMemories.shape.limit,
  minScore: SearchMemories.shape.min_score,
});

const ToForget = z
  .strictObject({
    ids: z.array(z.uuid()).max(10_000).optional(),
    type: type.optional(),
    subject: z.string().max(200).optional(),
  })
  .refine((which) => Object.values(which).some((value) => value !== undefined), 'Say which: ids, type or subject');

const ToEmbed = z.array(z.string().max(maxTextCharacters)).max(maxTexts);

const parsed = <T>(schema: z.ZodType<T>, value: unknown, call: string): T => {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new TaskError('invalid_memory', `${call}: ${place}${issue?.message ?? 'not understood'}`);
};

export interface KeepableMemory {
  readonly agent: AgentName | null;
  readonly type: string;
  readonly content: string;
  readonly subject: string | null;
  readonly trust: z.infer<typeof trust>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly expiresAt: string | null;
}

/** @param agent who remembers @throws TaskError `invalid_memory` */
export const keepable = (given: unknown, agent: AgentName): KeepableMemory[] =>
  parsed(ToKeep, given, 'remember').map(({ shared, ...memory }) => ({
    ...memory,
    agent: shared ? null : agent,
    subject: memory.subject ?? null,
    metadata: memory.metadata ?? {},
    expiresAt: memory.expiresAt ?? null,
  }));

/** @throws TaskError `invalid_memory` */
export const searchable = (given: unknown): z.output<typeof ToFind> => parsed(ToFind, given, 'searchMemory');

/** @throws TaskError `invalid_memory` */
export const forgettable = (given: unknown): z.output<typeof ToForget> => parsed(ToForget, given, 'forgetMemory');

/** @throws TaskError `invalid_memory` */
export const embeddable = (given: unknown): string[] => parsed(ToEmbed, given, 'embed');

const codes = ['embedding_unavailable', 'embedding_mismatch'] as const;

/** Runs work; an embedder that cannot answer becomes the error of the attempt. */
export const withTaskErrors = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const code = isOutage(error) ? codes.find((one) => one === error.code) : undefined;
    throw code === undefined ? error : new TaskError(code, (error as Error).message, { cause: error });
  }
};
