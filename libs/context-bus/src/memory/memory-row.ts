// A memory as the database has it.
import type { MemoryTrust } from '@pulser/contracts';

export interface MemoryRow {
  readonly memoryId: string;
  readonly type: string;
  readonly content: string;
  readonly subject: string | null;
  readonly agent: string | null;
  readonly trust: MemoryTrust;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly sourceTaskId: string | null;
  readonly modelId: number | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

/** Columns of a row, from a table or an alias of it. */
export const memoryColumns = (from: string): string =>
  `${from}.memory_id as "memoryId", ${from}.memory_type as type, ${from}.content, ${from}.subject,
   ${from}.agent_name as agent, ${from}.trust, ${from}.metadata, ${from}.source_task_id as "sourceTaskId",
   ${from}.model_id as "modelId", ${from}.created_at as "createdAt", ${from}.expires_at as "expiresAt"`;
