// Effects of a handler outside, each done once: what `TaskContext.once` is made of, in the worker, a thread or a test.
import { createHash } from 'node:crypto';

import { TaskError } from '@pulser/contracts';
import type { EffectState } from '@pulser/context-bus';

import { storableJson } from '../skills/result.policy.js';
import type { AttemptFacts, Effect } from '../skills/task-context.js';

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

/** @throws TaskError when the ledger cannot hold the key */
export const checkedKey = (key: string): string => {
  if (key.length >= 1 && key.length <= maxKeyCharacters && !key.includes('\u0000')) return key;
  throw new TaskError('handler_failed', `The key of an effect must have 1 to ${maxKeyCharacters} characters`, {
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
