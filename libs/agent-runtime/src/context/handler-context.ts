// What a handler gets, wherever it runs: the same context over the calls of a worker, of a thread's way to its worker, or
// of a test, and what its `once` is made of. Loaded in threads: it must not import Nest or a database.
import { createHash } from 'node:crypto';

import type { EffectState } from '@pulser/context-bus';
import { keptObject, keptSizes, keptText, storable, TaskError, thrownText } from '@pulser/contracts';

import { storableJson } from '../skills/payload-and-result.js';
import type { AttemptFacts, Effect, TaskContext } from '../skills/task-context.js';
import type { WaitFor, WaitOutcome } from '../skills/task-waits.js';
import { taskTools, type ToolHostCalls } from '../skills/tool-calls.js';
import { type Look, Suspended } from '../skills/waiting.js';

/**
 * What only the worker can do for a handler, because it holds the lease: all that the context has but facts and `once`,
 * whose function cannot leave its thread, and `waitFor`, which throws. Arguments and answers are data.
 */
export type HostCalls = Omit<TaskContext, keyof AttemptFacts | 'once' | 'waitFor' | 'tools'> &
  EffectLedger &
  WaitingCalls &
  ToolHostCalls;

/** The worker's part of `child` and `waitFor`. (No interface: threads look functions up by name.) */
export type WaitingCalls = Pick<TaskContext, 'child'> & {
  /** What became of a wait. One that is not over suspends the task as soon as its handler has ended, whatever that does. */
  readonly look: (key: string, what: WaitFor) => Promise<Look>;
};

/** Host calls that have no answer: a thread does not wait for them. */
export const notices: ReadonlySet<string> = new Set<keyof HostCalls>(['log', 'progress']);

export interface ContextLimits {
  readonly resultMaxBytes: number;
  /** Lines and progress of one attempt; those beyond are dropped. */
  readonly maxEvents: number;
  /** Before the keys of effects, children and waits: of what is called as a tool, whose keys must not meet those of others. */
  readonly keysIn?: string;
}

const textOf = (text: unknown, max: number): string => keptText(thrownText(text), max);

/** The context of one attempt; what it does not do itself it asks of `host`. */
export const handlerContext = (facts: AttemptFacts, host: HostCalls, limits: ContextLimits): TaskContext => {
  const { taskId, tenantId, taskType, attempt, signal, deadline } = facts;
  const { beginEffect, finishEffect, look, child, callTool, listTools, findTools, ...calls } = host;
  const effects = new EffectRuns(facts, { beginEffect, finishEffect }, limits.resultMaxBytes);
  const { keysIn = '' } = limits;
  let events = 0;
  let reached = 0;
  // Counted here: a handler that logs for ever must not fill the memory of the worker with messages.
  const mayNotify = (): boolean => !signal.aborted && events++ < limits.maxEvents;
  const once: TaskContext['once'] = (key, effect) => effects.once(`${keysIn}${key}`, effect);
  const waitFor = async <What extends WaitFor>(key: string, what: What): Promise<WaitOutcome<What>> => {
    const seen = await look(`${keysIn}${key}`, what);
    // The worker answers what it was asked.
    if (seen.over) return seen.outcome as WaitOutcome<What>;
    throw new Suspended(key);
  };
  return {
    ...calls,
    tools: taskTools({ callTool, listTools, findTools }, { once, waitFor }),
    taskId,
    tenantId,
    taskType,
    attempt,
    signal,
    deadline,
    log: (level, message, fields) => {
      if (mayNotify()) host.log(level, textOf(message, keptSizes.line), keptObject(fields, keptSizes.fields));
    },
    progress: (percent, message) => {
      if (!mayNotify()) return;
      // What is no number says nothing: the percentage stays.
      if (!Number.isNaN(percent)) reached = Math.min(100, Math.max(0, percent));
      host.progress(reached, message === undefined ? undefined : textOf(message, keptSizes.progress));
    },
    once,
    child: (key, order) => child(`${keysIn}${key}`, order),
    waitFor,
  };
};

/**
 * Where the effects of one attempt are written down. Both functions throw LeaseLost when it no longer has the task. (No
 * interface: threads look functions up by name.)
 */
export type EffectLedger = {
  /** Durable when it returns. */
  readonly beginEffect: (key: string) => Promise<EffectState>;
  /** @param json the result */
  readonly finishEffect: (key: string, json: string) => Promise<void>;
};

const maxKeyCharacters = 200;

/** The key of an effect, a child or a wait. @throws TaskError when the database cannot hold it */
export const checkedKey = (key: string): string => {
  if (key.length >= 1 && key.length <= maxKeyCharacters && key === storable(key)) return key;
  throw new TaskError('handler_failed', `A key must have 1 to ${maxKeyCharacters} characters, all of Unicode but NUL`, {
    permanent: true,
    details: { characters: key.length },
  });
};

/** 64 hexadecimal digits: safe in any header, and they reveal neither the task nor the tenant. */
export const idempotencyKeyOf = (tenantId: string, taskId: string, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([tenantId, taskId, key]))
    .digest('hex');

/** The effects of one attempt: each written down before and after it, none run twice at the same time. */
export class EffectRuns {
  private readonly runs = new Map<string, Promise<unknown>>();

  constructor(
    private readonly task: Pick<AttemptFacts, 'taskId' | 'tenantId'>,
    private readonly ledger: EffectLedger,
    private readonly resultMaxBytes: number,
  ) {}

  once<T>(key: string, effect: (effect: Effect) => Promise<T>): Promise<T> {
    const known = this.runs.get(key);
    // The same key is the same effect, so it has the same type.
    if (known !== undefined) return known as Promise<T>;
    const run = this.run(key, effect);
    this.runs.set(key, run);
    run.catch(() => this.runs.delete(key));
    return run;
  }

  private async run<T>(key: string, effect: (effect: Effect) => Promise<T>): Promise<T> {
    const { tenantId, taskId } = this.task;
    const begun = await this.ledger.beginEffect(checkedKey(key));
    if (begun.finished) return begun.result as T;
    const result = await effect({ idempotencyKey: idempotencyKeyOf(tenantId, taskId, key) });
    const json = storableJson(result, this.resultMaxBytes);
    await this.ledger.finishEffect(key, json);
    // What a later attempt will get, so that no handler relies on more.
    return JSON.parse(json) as T;
  }
}
