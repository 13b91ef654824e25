import type { Priority } from '@pulser/contracts';

/**
 * What must come of a task. `effect`: it completes with one effect, unless faults used up its attempts; `none`: it fails
 * without one; `cancelled`: it is cancelled before it starts; `either`: its deadline may come first.
 */
export type Expectation = 'effect' | 'none' | 'cancelled' | 'either';

/** The body of a submission, as the API takes it. */
export interface OrderBody {
  readonly task_type: 'testing';
  readonly priority: Priority;
  readonly payload: Readonly<Record<string, unknown>> & { readonly operation: string; readonly ref: string };
  readonly run_at?: string;
  readonly deadline_s?: number;
}

/** A task to be submitted. */
export interface Order {
  /** Ours, in the payload: finds the task again whatever id it got. */
  readonly ref: string;
  readonly expect: Expectation;
  readonly body: OrderBody;
}
