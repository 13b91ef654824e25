// What a task can wait for, and what a wait comes to.
import type { ApprovalOutcome, ChildEnd, TakenSignal } from '@pulser/context-bus';
import type { ApproverRole } from '@pulser/contracts';

/** How long a wait may take, and what then. */
export interface WaitLimit {
  /** Seconds from now, a year at most; 30 days without. Not for times. */
  readonly timeLimitS?: number;
  /** `fail` without: the task fails with `wait_limit_exceeded`, and its open children are cancelled. `continue`: it goes on. */
  readonly onTimeLimit?: 'fail' | 'continue';
}

export interface WaitForChild extends WaitLimit {
  /** Id of a child of this task. */
  readonly child: string;
}

export interface WaitForChildren extends WaitLimit {
  /** Ids of children of this task, 10,000 at most: all of them must have ended. */
  readonly children: readonly string[];
}

export interface WaitForSignal extends WaitLimit {
  /** Name of a signal: a small letter, then up to 63 small letters, digits, underscores, dots and hyphens. */
  readonly signal: string;
}

export interface WaitForTime {
  /** RFC 3339. What the first attempt says holds for the later ones. */
  readonly until: string;
}

/** Who has to approve, and until when. */
export interface ApprovalTerms {
  /** Persons that must approve, 20 at most; 1 without. One who denies it is enough. */
  readonly needed?: number;
  /** Least role of who decides; `approver` without. */
  readonly role?: ApproverRole;
  /** Who alone may decide: subjects of tokens, or ids of API keys. Without, everybody with the role. */
  readonly persons?: readonly string[];
  /** Seconds after which it counts as denied, 90 days at most; 7 days without. */
  readonly expiresInS?: number;
  /** Destinations that the request is sent to, beside those of the task. */
  readonly notify?: readonly string[];
}

/** What persons are asked for. What they approve is exactly this: with anything else in it they are asked again. */
export interface ApprovalRequest extends ApprovalTerms {
  /** One line of 200 characters at most. */
  readonly title: string;
  /** What is to be done, as JSON of 64 KB at most. */
  readonly arguments: unknown;
  /** Names the place among others of the task that ask for the same operation. */
  readonly step?: string;
  /** Of a loop, from 0. */
  readonly iteration?: number;
  /** What is to be done: the operation of the task without. */
  readonly operation?: string;
}

/**
 * A decision of persons who had no part in the request: neither those who submitted the first ancestor, wrote its schedule or
 * the version of its workflow, nor who made the key that did.
 */
export interface WaitForApproval {
  readonly approval: ApprovalRequest;
}

/** What a task can wait for. */
export type WaitFor = WaitForChild | WaitForChildren | WaitForSignal | WaitForTime | WaitForApproval;

/** The time limit of the wait has passed, and the task goes on. */
export interface TimedOut {
  readonly timedOut: true;
}

/** What a wait comes to. */
export type WaitOutcome<What extends WaitFor = WaitFor> =
  | (What extends WaitForChild ? { readonly child: ChildEnd; readonly timedOut?: never } : never)
  | (What extends WaitForChildren ? { readonly children: readonly ChildEnd[]; readonly timedOut?: never } : never)
  | (What extends WaitForSignal ? { readonly signal: TakenSignal; readonly timedOut?: never } : never)
  | (What extends WaitForApproval ? { readonly approval: ApprovalOutcome; readonly timedOut?: never } : never)
  | (What extends WaitForTime
      ? { readonly reached: string; readonly timedOut?: never }
      : What extends WaitForApproval
        ? never
        : TimedOut);
