import { TaskError } from '@pulser/contracts';

/** An error as it goes from thread to thread, whose classes differ. */
export interface ThreadFailure {
  readonly name: string;
  readonly message: string;
  /** What a TaskError knows besides. */
  readonly task?: {
    readonly code: string;
    readonly permanent: boolean;
    readonly retryAfterMs?: number;
    /** JSON: what cannot be cloned would keep the whole failure from arriving. */
    readonly details?: string;
  };
}

const detailsOf = ({ facts }: TaskError): string | undefined => {
  try {
    return JSON.stringify(facts.details);
  } catch {
    return JSON.stringify({ details: 'not JSON' });
  }
};

const taskOf = (error: TaskError): NonNullable<ThreadFailure['task']> => {
  const details = detailsOf(error);
  const { retryAfterMs } = error.facts;
  return {
    code: error.code,
    permanent: error.permanent,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(details !== undefined && { details }),
  };
};

/** What was thrown, to be sent. */
export const packed = (thrown: unknown): ThreadFailure => {
  if (thrown instanceof TaskError) return { name: thrown.name, message: thrown.message, task: taskOf(thrown) };
  if (thrown instanceof Error) return { name: thrown.name, message: thrown.message };
  return { name: 'Error', message: String(thrown) };
};

/** What was sent, to be thrown. */
export const unpacked = ({ name, message, task }: ThreadFailure): Error => {
  if (task === undefined) return Object.assign(new Error(message), { name });
  const { code, permanent, details, ...facts } = task;
  return new TaskError({ code, permanent }, message, {
    ...facts,
    permanent,
    ...(details !== undefined && { details: JSON.parse(details) as Record<string, unknown> }),
  });
};
