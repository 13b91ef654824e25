// Crash points: the durable steps of a task's life, the methods of the libraries that take them, and how a process is
// made to kill itself before or after one.
import { ServerResponse } from 'node:http';

import {
  ApprovalDecisions,
  HookEvents,
  RunEnds,
  ScheduleSweep,
  SpendLedger,
  TaskBacklog,
  TaskClaims,
  TaskResults,
  TaskSweep,
  ToolCallLog,
  UnclaimedTasks,
} from '@pulser/context-bus';
import { Database, TenantTransaction } from '@pulser/database';
import { Publisher } from '@pulser/messaging';
import pg from 'pg';

import type { ServiceKind } from '../fleet/fleet.js';
import { Effects } from '../worker/outside.js';

export type Moment = 'before' | 'after';

/** A method of a library, and which of its calls are meant. */
export interface Wrapping {
  /** The object that holds the method: a prototype. */
  readonly owner: object;
  readonly method: string;
  /** Whether this call takes the step. */
  readonly when?: (args: readonly unknown[], self: unknown) => boolean;
  /** `call`: after the method returned; `promise` (default): after the promise that it returned is fulfilled. */
  readonly after?: 'call' | 'promise';
  /** Whether a call with this outcome did anything. */
  readonly counts?: (outcome: unknown) => boolean;
}

/** A method of an exported class, checked by its types. */
const place = <Owner extends object>(
  owner: Owner,
  method: keyof Owner & string,
  calls: Omit<Wrapping, 'owner' | 'method'> = {},
): Wrapping => ({ owner, method, ...calls });

interface CrashStep {
  readonly kinds: readonly ServiceKind[];
  readonly moments: readonly Moment[];
  /** A process takes the step at most so many times before it dies there: rare steps must not be waited for. */
  readonly most: number;
  readonly at: Wrapping | (() => Promise<Wrapping>);
}

const both: readonly Moment[] = ['before', 'after'];

const some = (outcome: unknown): boolean => Array.isArray(outcome) && outcome.length > 0;
const isSubmission = ([key]: readonly unknown[]): boolean => key === 'tasks.submitted';
const isLastAttempt = ([, , retryAfterMs]: readonly unknown[]): boolean => retryAfterMs === undefined;
const isNamed = (wanted: unknown, name: string): boolean =>
  typeof wanted === 'object' && wanted !== null && 'name' in wanted && wanted.name === name;
const isInsert = (wanted: unknown): boolean => isNamed(wanted, 'tasks.insert');
const isChild = (wanted: unknown): boolean => isNamed(wanted, 'tasks.insert-children');
const isDecision = (wanted: unknown): boolean => isNamed(wanted, 'runs.decide');
const isBeginning = (wanted: unknown): boolean => isNamed(wanted, 'runs.begin');

// The library does not export the class: only its consumer holds deliveries.
const acknowledgement = async (): Promise<Wrapping> => {
  const module = new URL('./rabbit/rabbit-delivery.js', import.meta.resolve('@pulser/messaging'));
  const found: unknown = Reflect.get((await import(module.href)) as object, 'RabbitDelivery');
  if (typeof found !== 'function') throw new TypeError('crash point: there is no RabbitDelivery any more');
  return { owner: found.prototype as object, method: 'ack' };
};

/** The durable steps, the programs that take them, and where. */
export const crashSteps = {
  // With an idempotency key: one statement of a transaction, which its own commit ends.
  insert: {
    kinds: ['gateway', 'router'],
    moments: both,
    most: 12,
    at: place(TenantTransaction.prototype, 'query', { when: ([wanted]) => isInsert(wanted) }),
  },
  commit: {
    kinds: ['gateway', 'router'],
    moments: both,
    most: 12,
    at: place(pg.Client.prototype, 'query', { when: ([text]) => text === 'commit' }),
  },
  // Without a key: statement and commit are one.
  'insert-commit': {
    kinds: ['gateway'],
    moments: both,
    most: 12,
    at: place(Database.prototype, 'queryAs', { when: ([, wanted]) => isInsert(wanted) }),
  },
  publish: {
    kinds: ['gateway'],
    moments: both,
    most: 12,
    at: place(Publisher.prototype, 'publish', { when: isSubmission, after: 'call' }),
  },
  confirm: {
    kinds: ['gateway'],
    moments: ['after'],
    most: 12,
    at: place(Publisher.prototype, 'publish', { when: isSubmission }),
  },
  answer: {
    kinds: ['gateway'],
    moments: both,
    most: 12,
    at: place(ServerResponse.prototype, 'end', { when: (_, self) => (self as ServerResponse).statusCode === 202 }),
  },
  dispatch: { kinds: ['gateway'], moments: both, most: 12, at: place(Publisher.prototype, 'dispatch') },
  route: { kinds: ['router'], moments: both, most: 12, at: place(Publisher.prototype, 'dispatch') },
  dequeue: { kinds: ['router'], moments: both, most: 3, at: place(TaskBacklog.prototype, 'take', { counts: some }) },
  promote: {
    kinds: ['router'],
    moments: both,
    most: 5,
    at: place(TaskSweep.prototype, 'promoteScheduled', { counts: some }),
  },
  rescue: {
    kinds: ['router'],
    moments: both,
    most: 1,
    at: place(TaskSweep.prototype, 'rescueStuck', { counts: some }),
  },
  overdue: {
    kinds: ['router'],
    moments: both,
    most: 1,
    at: place(TaskSweep.prototype, 'failOverdue', { counts: some }),
  },
  claim: { kinds: ['worker'], moments: both, most: 12, at: place(TaskClaims.prototype, 'claim') },
  renew: { kinds: ['worker'], moments: both, most: 1, at: place(TaskClaims.prototype, 'renew') },
  effect: { kinds: ['worker'], moments: both, most: 12, at: place(Effects.prototype, 'have') },
  result: { kinds: ['worker'], moments: both, most: 12, at: place(TaskResults.prototype, 'complete') },
  'unclaimed-result': {
    kinds: ['worker'],
    moments: both,
    most: 6,
    at: place(UnclaimedTasks.prototype, 'complete'),
  },
  retry: {
    kinds: ['worker'],
    moments: both,
    most: 3,
    at: place(TaskResults.prototype, 'fail', { when: (args) => !isLastAttempt(args) }),
  },
  'dead-letter': {
    kinds: ['worker'],
    moments: both,
    most: 2,
    at: place(TaskResults.prototype, 'fail', { when: isLastAttempt }),
  },
  'take-over': { kinds: ['worker'], moments: both, most: 1, at: place(TaskClaims.prototype, 'takeOver') },
  release: { kinds: ['worker'], moments: both, most: 1, at: place(TaskClaims.prototype, 'release') },
  // Of runs of workflows: one begins, its task suspends, steps become tasks, a decision is written, the task ends.
  'begin-run': {
    kinds: ['conductor'],
    moments: both,
    most: 2,
    at: place(TenantTransaction.prototype, 'query', { when: ([wanted]) => isBeginning(wanted) }),
  },
  suspend: { kinds: ['conductor'], moments: both, most: 2, at: place(TaskResults.prototype, 'suspend') },
  child: {
    kinds: ['conductor'],
    moments: both,
    most: 4,
    at: place(TenantTransaction.prototype, 'query', { when: ([wanted]) => isChild(wanted) }),
  },
  decision: {
    kinds: ['conductor'],
    moments: both,
    most: 6,
    at: place(TenantTransaction.prototype, 'query', { when: ([wanted]) => isDecision(wanted) }),
  },
  'end-run': { kinds: ['conductor'], moments: both, most: 2, at: place(RunEnds.prototype, 'end', { counts: some }) },
  // A schedule, or an event that fires a hook, is taken, and nothing has come of it yet.
  'take-schedule': {
    kinds: ['router'],
    moments: both,
    most: 2,
    at: place(ScheduleSweep.prototype, 'claim', { counts: some }),
  },
  'take-hook-event': {
    kinds: ['router'],
    moments: both,
    most: 2,
    at: place(HookEvents.prototype, 'claim', { counts: some }),
  },
  approval: { kinds: ['gateway'], moments: both, most: 1, at: place(ApprovalDecisions.prototype, 'decide') },
  reserve: { kinds: ['agent'], moments: both, most: 1, at: place(SpendLedger.prototype, 'reserve') },
  settle: { kinds: ['agent'], moments: both, most: 1, at: place(SpendLedger.prototype, 'settle') },
  // A call of a tool is written down, and has not left; it has come back, and its end is not written.
  'tool-call': { kinds: ['coordinator'], moments: both, most: 12, at: place(ToolCallLog.prototype, 'begin') },
  'tool-end': { kinds: ['coordinator'], moments: both, most: 12, at: place(ToolCallLog.prototype, 'record') },
  ack: { kinds: ['router', 'worker'], moments: both, most: 12, at: acknowledgement },
} as const satisfies Record<string, CrashStep>;

export type CrashStepName = keyof typeof crashSteps;

const stepNames = Object.keys(crashSteps) as CrashStepName[];

/** Where a process kills itself: the n-th time it comes to a moment of a step. */
export interface CrashPoint {
  readonly step: CrashStepName;
  readonly moment: Moment;
  readonly times: number;
}

export interface CrashPlace {
  readonly point: Omit<CrashPoint, 'times'>;
  readonly kind: ServiceKind;
}

/** Every moment of every step, in each program that takes it. */
export const allCrashPlaces: readonly CrashPlace[] = stepNames.flatMap((step) => {
  const { kinds, moments }: CrashStep = crashSteps[step];
  return kinds.flatMap((kind) => moments.map((moment) => ({ point: { step, moment }, kind })));
});

export const crashPointText = ({ step, moment, times }: CrashPoint): string => `${step}:${moment}:${times}`;

const isStep = (text: string | undefined): text is CrashStepName =>
  (stepNames as (string | undefined)[]).includes(text);

/** Reads `step:moment:times`. @throws RangeError when there is no such point */
export const crashPointOf = (text: string): CrashPoint => {
  const [step, moment, count] = text.split(':');
  const times = Number(count);
  if (!isStep(step) || (moment !== 'before' && moment !== 'after') || !Number.isInteger(times) || times < 1) {
    throw new RangeError(`no crash point "${text}": write step:before|after:times, steps: ${stepNames.join(', ')}`);
  }
  if (!(crashSteps[step].moments as readonly Moment[]).includes(moment)) {
    throw new RangeError(`the step ${step} has no moment ${moment}`);
  }
  return { step, moment, times };
};

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Calls `at` before and after a method of a class.
 * @throws TypeError when there is no such method: then the step has moved, and the table must follow
 */
export const wrap = (wrapping: Wrapping, at: (moment: Moment) => void): void => {
  const { owner, method, when = () => true, counts = () => true, after = 'promise' } = wrapping;
  const original: unknown = Reflect.get(owner, method);
  if (typeof original !== 'function') throw new TypeError(`crash point: there is no method ${method} any more`);
  const wrapped: Method = function (...args) {
    if (!when(args, this)) return (original as Method).apply(this, args);
    at('before');
    const outcome = (original as Method).apply(this, args);
    if (after === 'call' || !isPromise(outcome)) {
      if (counts(outcome)) at('after');
      return outcome;
    }
    return outcome.then((value) => {
      if (counts(value)) at('after');
      return value;
    });
  };
  Reflect.set(owner, method, wrapped);
};

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const wrapStep = async (step: CrashStepName, at: (moment: Moment) => void): Promise<void> => {
  const place: CrashStep['at'] = crashSteps[step].at;
  wrap(typeof place === 'function' ? await place() : place, at);
};

/** Calls `die` when this process comes to the point. @throws TypeError when the libraries no longer take its step */
export const arm = async (point: CrashPoint, die: () => void): Promise<void> => {
  let left = point.times;
  await wrapStep(point.step, (moment) => {
    if (moment === point.moment && --left <= 0) die();
  });
};

/** @throws TypeError when the libraries no longer take one of the steps as the table says */
export const checkSteps = async (): Promise<void> => {
  for (const step of stepNames) await wrapStep(step, () => undefined);
};
