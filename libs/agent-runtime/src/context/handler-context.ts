// What a handler gets, wherever it runs: the same context over the calls of a worker, of a thread's way to its worker, or
// of a test. Loaded in threads: it must not import Nest or a database.
import type { AttemptFacts, TaskContext } from '../skills/task-context.js';
import { type EffectLedger, EffectRuns } from './effects.js';

/**
 * What only the worker can do for a handler, because it holds the lease: all that the context has but facts and `once`,
 * whose function cannot leave its thread. Arguments and answers are data.
 */
export type HostCalls = Omit<TaskContext, keyof AttemptFacts | 'once'> & EffectLedger;

/** Host calls that have no answer: a thread does not wait for them. */
export const notices: ReadonlySet<string> = new Set<keyof HostCalls>(['log', 'progress']);

export interface ContextLimits {
  readonly resultMaxBytes: number;
  /** Lines and progress of one attempt; those beyond are dropped. */
  readonly maxEvents: number;
}

type Fields = Readonly<Record<string, unknown>>;

// As the event keeps them: structured clone would refuse more than JSON does.
const plain = (fields: Fields): Fields => {
  try {
    return JSON.parse(JSON.stringify(fields)) as Fields;
  } catch {
    return { fields: 'not JSON' };
  }
};

/** The context of one attempt; what it does not do itself it asks of `host`. */
export const handlerContext = (facts: AttemptFacts, host: HostCalls, limits: ContextLimits): TaskContext => {
  const { taskId, tenantId, taskType, attempt, signal, deadline } = facts;
  const { beginEffect, finishEffect, ...calls } = host;
  const effects = new EffectRuns(facts, { beginEffect, finishEffect }, limits.resultMaxBytes);
  let events = 0;
  // Counted here: a handler that logs for ever must not fill the memory of the worker with messages.
  const mayNotify = (): boolean => !signal.aborted && events++ < limits.maxEvents;
  return {
    ...calls,
    taskId,
    tenantId,
    taskType,
    attempt,
    signal,
    deadline,
    log: (level, message, fields) => {
      if (mayNotify()) host.log(level, message, fields && plain(fields));
    },
    progress: (percent, message) => {
      if (mayNotify()) host.progress(Math.min(100, Math.max(0, percent)), message);
    },
    once: (key, effect) => effects.once(key, effect),
  };
};
