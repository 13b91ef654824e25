// What the load submits, and its own account of what came of each submission: the ground truth of a run.
import { closeSync, openSync, writeSync } from 'node:fs';

import type { Priority } from '@pulser/contracts';
import type { Random } from '@pulser/harness';

import { ownTaskType } from '../worker/outside.js';
import { agentWork, type ExpectedAnswer } from './agent-work.js';
import { approvalOf } from './approver.js';
import { askOf } from './asks.js';
import { runOf } from './runs.js';

/**
 * The end that a task must come to. `effect`: it completes with one effect, unless faults used up its attempts; `run`: as
 * `effect`, but without one, and it may run more than once; `answer`: as `run`, with the result that its agent gives where
 * nothing is broken; `asked`: as `answer`, unless its tenant has no money left for models; `none`: it fails without one;
 * `cancelled`: it is cancelled before it starts; `either`: its deadline may come first.
 */
export type Expectation = 'effect' | 'run' | 'answer' | 'asked' | 'none' | 'cancelled' | 'either';

/** The body of a submission, as the API takes it. */
export interface OrderBody {
  readonly task_type: string;
  readonly priority: Priority;
  readonly payload: Readonly<Record<string, unknown>> & { readonly operation: string };
  /** Holds the reference where the payload cannot. */
  readonly metadata?: { readonly ref: string };
  readonly run_at?: string;
  readonly deadline_s?: number;
}

/** A task to be submitted. */
export interface Order {
  /** The load's unique id, in the payload or in the metadata: finds the task whatever id it got, and every copy of it. */
  readonly ref: string;
  readonly expect: Expectation;
  /** What must be in the result, for the expectations `answer` and `asked`. */
  readonly answer?: ExpectedAnswer;
  /** References of the effects of other tasks, of which the order is a run. */
  readonly effects?: readonly string[];
  /** Whether it is submitted with its `ref` as idempotency key. */
  readonly keyed: boolean;
  readonly body: OrderBody;
}

interface Recipe {
  readonly share: number;
  readonly expect: Expectation;
  readonly make: (random: Random) => { readonly operation: string };
  /** Milliseconds from now to the wanted start. */
  readonly delayMs?: readonly [number, number];
  readonly deadlineS?: number;
}

/** Of the orders, this share has no idempotency key: as many as with one, as clients that know no keys would send. */
const keylessShare = 0.5;

/** What is submitted, and how often. */
const recipes: readonly Recipe[] = [
  { share: 47, expect: 'effect', make: () => ({ operation: 'effect' }) },
  { share: 15, expect: 'run', make: () => ({ operation: 'repeat' }) },
  { share: 8, expect: 'effect', make: () => ({ operation: 'effect' }), deadlineS: 3_600 },
  { share: 8, expect: 'effect', make: () => ({ operation: 'effect' }), delayMs: [500, 8_000] },
  { share: 6, expect: 'effect', make: () => ({ operation: 'flaky', failures: 1 }) },
  { share: 10, expect: 'effect', make: (random) => ({ operation: 'slow', seconds: random.between(0.1, 1.5) }) },
  { share: 1, expect: 'effect', make: (random) => ({ operation: 'block', seconds: random.between(0.02, 0.2) }) },
  { share: 3, expect: 'none', make: () => ({ operation: 'doomed' }) },
  { share: 1, expect: 'cancelled', make: () => ({ operation: 'effect' }), delayMs: [45_000, 45_000] },
  { share: 1, expect: 'either', make: () => ({ operation: 'slow', seconds: 1.5 }), deadlineS: 1 },
];

const totalShare = recipes.reduce((sum, { share }) => sum + share, 0);

const recipeAt = (position: number): Recipe => {
  let left = position * totalShare;
  for (const recipe of recipes) {
    left -= recipe.share;
    if (left < 0) return recipe;
  }
  throw new RangeError('A position lies in [0, 1)');
};

/** Of the orders, this share goes to the agents that come with Pulser. */
const agentShare = 0.03;

const agentOrderOf = (ref: string, random: Random): Order => {
  const { taskType, payload, answer } = agentWork(random);
  const body: OrderBody = { task_type: taskType, priority: 'medium', payload, metadata: { ref } };
  return { ref, expect: 'answer', answer, keyed: !random.chance(keylessShare), body };
};

/** Of the orders, these shares wait for others: runs of workflows, approvals, questions to a language model. */
const waitingShares = { run: 0.012, approval: 0.01, ask: 0.012 } as const;
/** Of the approvals, this share is denied. */
const deniedShare = 0.25;

type Waiting = Pick<Order, 'expect' | 'answer' | 'effects'> & {
  readonly taskType: string;
  readonly payload: OrderBody['payload'];
};

const approvalOrder = (ref: string, random: Random): Waiting => {
  const { payload, answer } = approvalOf(ref, random.chance(deniedShare) ? 'deny' : 'approve');
  const expected = answer === undefined ? { expect: 'none' as const } : { expect: 'answer' as const, answer };
  return { taskType: 'orchestration', payload, ...expected };
};

const waitingOf = (ref: string, random: Random): Waiting | undefined => {
  const { run, approval, ask } = waitingShares;
  const position = random.next();
  if (position < run) return { taskType: 'orchestration', expect: 'answer', ...runOf(ref, random) };
  if (position < run + approval) return approvalOrder(ref, random);
  return position < run + approval + ask ? { expect: 'asked', ...askOf(ref, random) } : undefined;
};

/** What the hook of a tenant submits when it is called. */
export const hookOrderOf = (ref: string): Order => ({
  ref,
  expect: 'effect',
  keyed: true,
  body: { task_type: ownTaskType, priority: 'medium', payload: { operation: 'effect', ref } },
});

/** The next order of a load. @param now milliseconds since the epoch */
export const orderOf = (ref: string, random: Random, now: number): Order => {
  if (random.chance(agentShare)) return agentOrderOf(ref, random);
  const waiting = waitingOf(ref, random);
  if (waiting !== undefined) {
    const { taskType, payload, ...rest } = waiting;
    const body: OrderBody = { task_type: taskType, priority: 'medium', payload, metadata: { ref } };
    return { ref, keyed: !random.chance(keylessShare), body, ...rest };
  }
  const { expect, make, delayMs, deadlineS } = recipeAt(random.next());
  const body: OrderBody = {
    task_type: ownTaskType,
    priority: random.pick(['low', 'medium', 'medium', 'high'] as const),
    payload: { ref, ...make(random) },
    ...(delayMs !== undefined && { run_at: new Date(now + random.between(...delayMs)).toISOString() }),
    ...(deadlineS !== undefined && { deadline_s: deadlineS }),
  };
  return { ref, expect, keyed: !random.chance(keylessShare), body };
};

export type Via = 'post' | 'batch' | 'amqp' | 'hook';

/** An order whose outcome the load knows: accepted, or with an answer that was lost. */
export interface Submitted {
  readonly ref: string;
  readonly via: Via;
  readonly tenant: string;
  /** Whether it had an idempotency key (over AMQP: a message id; of a hook: the id of a delivery). */
  readonly keyed: boolean;
  /**
   * Whether Pulser accepted it, by 202 or by the broker's confirm. Without an idempotency key a lost answer cannot be
   * asked for again: such an order is one task or none.
   */
  readonly accepted: boolean;
  readonly answer?: ExpectedAnswer;
  readonly effects?: readonly string[];
  expect: Expectation;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Every id that was answered for it; over AMQP there are none. */
  readonly taskIds: Set<string>;
}

/** The load's account of its orders: append-only, in a file, never read from Pulser. */
export class Truth {
  private readonly submitted = new Map<string, Submitted>();
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  get all(): Submitted[] {
    return [...this.submitted.values()];
  }

  get accepted(): Submitted[] {
    return this.all.filter(({ accepted }) => accepted);
  }

  accept(order: Order, via: Via, tenant: string, taskId?: string): void {
    const { ref, expect, keyed } = order;
    this.write({ accepted: ref, via, tenant, keyed, expect, task_id: taskId });
    const known = this.submitted.get(ref) ?? this.add(order, via, tenant, true);
    if (taskId !== undefined) known.taskIds.add(taskId);
  }

  /** The answer to an order without an idempotency key was lost. */
  lose(order: Order, via: Via, tenant: string): void {
    this.write({ unanswered: order.ref, via, tenant, keyed: order.keyed, expect: order.expect });
    this.add(order, via, tenant, false);
  }

  /** A later answer decides what must come of the task. */
  expect(ref: string, expect: Expectation): void {
    this.write({ ref, expect });
    const known = this.submitted.get(ref);
    if (known !== undefined) known.expect = expect;
  }

  close(): void {
    closeSync(this.file);
  }

  private add(order: Order, via: Via, tenant: string, accepted: boolean): Submitted {
    const { ref, expect, keyed, answer, effects } = order;
    const known = { ref, via, tenant, keyed, accepted, expect, at: Date.now(), taskIds: new Set<string>() };
    const added: Submitted = { ...known, ...(answer && { answer }), ...(effects && { effects }) };
    this.submitted.set(ref, added);
    return added;
  }

  private write(line: object): void {
    writeSync(this.file, `${JSON.stringify({ at: Date.now(), ...line })}\n`);
  }
}
