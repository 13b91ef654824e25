// Children and waits of a test: how children end and which signals come is given, and nothing is submitted.
import { createHash } from 'node:crypto';

import { TaskError } from '@pulser/contracts';

import type { WaitingCalls } from '../context/handler-context.js';
import type { ChildEnd, ChildOrder } from '../skills/task-context.js';
import type { WaitFor, WaitOutcome } from '../skills/task-waits.js';
import { type Look, pendingWait } from '../skills/waiting.js';

/** How a child ends. */
export type ChildOfTests = Partial<Omit<ChildEnd, 'taskId'>>;

export interface GivenEvents {
  /** How children end, by their keys: `{ result: 42 }` has completed. One that is not named is open. */
  readonly children?: Readonly<Record<string, ChildOfTests>>;
  /** Bodies of the signals that have come, by name, the oldest first. */
  readonly signals?: Readonly<Record<string, readonly unknown[]>>;
  /** Keys of waits whose time has come: the time that they wait for, or their limit. */
  readonly passed?: readonly string[];
  /** How approvals came out, by the keys of their waits; that an operation declares waits under `approval`. */
  readonly approvals?: Readonly<Record<string, 'approved' | 'denied' | 'expired'>>;
}

/** A child that the operation ordered. */
export interface OrderedChild {
  readonly taskId: string;
  readonly order: ChildOrder;
}

/** What the operation waits for: it runs again from its start when that has happened. */
export interface SuspendedRun {
  readonly key: string;
  readonly what: WaitFor;
}

const idOf = (key: string): string =>
  `0198c7a0-0000-7000-9000-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;

export class WaitingOfTests {
  /** By key. */
  readonly children = new Map<string, OrderedChild>();
  suspended: SuspendedRun | undefined;
  private readonly taken = new Map<string, number>();

  constructor(private readonly given: GivenEvents) {}

  readonly calls: WaitingCalls = {
    child: (key, order) => {
      this.children.set(key, { taskId: idOf(key), order });
      return Promise.resolve(idOf(key));
    },
    look: (key, what) => {
      const outcome = this.outcomeOf(key, what);
      if (outcome === undefined) this.suspended ??= { key, what };
      return Promise.resolve((outcome === undefined ? { over: false } : { over: true, outcome }) satisfies Look);
    },
  };

  /** @throws TaskError `invalid_wait` */
  private outcomeOf(key: string, what: WaitFor): WaitOutcome | undefined {
    const { wait } = pendingWait(key, what);
    if ('approval' in what) return this.approvalOf(key);
    const hasPassed = this.given.passed?.includes(key) ?? false;
    if (wait.until !== undefined) return hasPassed ? { reached: wait.until } : undefined;
    const outcome = 'signal' in what ? this.signalOf(what.signal) : this.endsOf(what, wait.refs ?? []);
    return outcome ?? (hasPassed && wait.onLimit === 'continue' ? { timedOut: true } : undefined);
  }

  private approvalOf(key: string): WaitOutcome | undefined {
    const status = this.given.approvals?.[key];
    if (status === undefined) return undefined;
    const decisions = status === 'expired' ? [] : [{ person: 'tester', verdict: status, comment: null }];
    return { approval: { approvalId: idOf(key), approved: status === 'approved', status, decisions } };
  }

  private signalOf(name: string): WaitOutcome | undefined {
    const place = this.taken.get(name) ?? 0;
    const bodies = this.given.signals?.[name] ?? [];
    if (place >= bodies.length) return undefined;
    this.taken.set(name, place + 1);
    return { signal: { name, body: bodies[place], sentBy: 'tester', receivedAt: '2026-01-01T00:00:00.000Z' } };
  }

  private endsOf(what: WaitFor, ids: readonly string[]): WaitOutcome | undefined {
    const ends = ids.map((id) => this.endOf(id));
    const children = ends.filter((end) => end !== undefined);
    if (children.length < ends.length) return undefined;
    if ('children' in what) return { children };
    const [child] = children;
    return child && { child };
  }

  private endOf(id: string): ChildEnd | undefined {
    const key = [...this.children.keys()].find((one) => idOf(one) === id);
    if (key === undefined) throw new TaskError('invalid_wait', 'A task waits for its own children only');
    const end = this.given.children?.[key];
    return end && { taskId: id, status: 'completed', ...end };
  }
}
