// What a replay changes: the JSON that was written against the payload that the task had.
import type { Priority, ReplayEdit } from '@pulser/contracts';

/** JSON as it is edited. */
export const jsonText = (value: unknown): string => JSON.stringify(value, null, 2);

export type Parsed =
  | { readonly ok: true; readonly payload: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly why: string };

/** A payload from a text, or why it is none. */
export const payloadOf = (text: string): Parsed => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { ok: false, why: 'Must be a JSON object: {…}' };
    return { ok: true, payload: value as Readonly<Record<string, unknown>> };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : 'Not JSON' };
  }
};

interface ReplayForm {
  readonly before: unknown;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly priority: Priority | undefined;
}

/** The members to change; none when the task is replayed as it was. */
export const editOf = ({ before, payload, priority }: ReplayForm): ReplayEdit => ({
  ...(JSON.stringify(before) !== JSON.stringify(payload) && { payload }),
  ...(priority !== undefined && { priority }),
});
