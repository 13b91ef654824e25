import { closeSync, openSync, writeSync } from 'node:fs';

import type { Expectation, Order } from './order.js';

export type Via = 'post' | 'batch' | 'amqp';

/** An order that Pulser has said yes to, by 202 or by the broker's confirm. */
export interface Accepted {
  readonly ref: string;
  readonly via: Via;
  readonly tenant: string;
  expect: Expectation;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Every id that was answered for its idempotency key; over AMQP there are none. */
  readonly taskIds: Set<string>;
}

/** The load's own account of what was accepted: append-only, in a file, never asked of Pulser. */
export class Truth {
  private readonly accepted = new Map<string, Accepted>();
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  get all(): Accepted[] {
    return [...this.accepted.values()];
  }

  get size(): number {
    return this.accepted.size;
  }

  accept({ ref, expect }: Order, via: Via, tenant: string, taskId?: string): void {
    this.write({ accepted: ref, via, tenant, expect, task_id: taskId });
    const known = this.accepted.get(ref);
    if (known === undefined) {
      const taskIds = new Set(taskId === undefined ? [] : [taskId]);
      this.accepted.set(ref, { ref, via, tenant, expect, at: Date.now(), taskIds });
    } else if (taskId !== undefined) known.taskIds.add(taskId);
  }

  /** Something that was learnt later decides what must come of the task. */
  expect(ref: string, expect: Expectation): void {
    this.write({ ref, expect });
    const known = this.accepted.get(ref);
    if (known !== undefined) known.expect = expect;
  }

  close(): void {
    closeSync(this.file);
  }

  private write(line: object): void {
    writeSync(this.file, `${JSON.stringify({ at: Date.now(), ...line })}\n`);
  }
}
