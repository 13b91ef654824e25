import type { DeadLetterFilter, DeadLetterState } from '@pulser/contracts';

/** What narrows a set of dead letters; `cursor` is the id of the last one seen. */
export interface DeadLetterCriteria extends DeadLetterFilter {
  readonly state?: DeadLetterState | undefined;
  /** The failed task. */
  readonly task_id?: string | undefined;
  readonly cursor?: string | undefined;
}

export interface Condition {
  /** Differs whenever the text does: part of a statement's name. */
  readonly name: string;
  /** Conditions on `dead_letter d`, each led by `and`. */
  readonly text: string;
  readonly values: readonly unknown[];
}

// A filter on the time compares ids (UUIDv7), so that it uses their indexes.
const conditions = {
  agent: (value: string) => `d.agent_name = ${value}`,
  task_type: (value: string) => `d.task_type = ${value}`,
  fingerprint: (value: string) => `d.fingerprint = ${value}`,
  reason: (value: string) => `d.reason = ${value}`,
  created_after: (value: string) => `d.dead_letter_id >= pulser.id_floor(${value})`,
  created_before: (value: string) => `d.dead_letter_id < pulser.id_floor(${value})`,
  task_id: (value: string) => `d.task_id = ${value}`,
  cursor: (value: string) => `d.dead_letter_id < ${value}`,
} as const;

const names = Object.keys(conditions) as (keyof typeof conditions)[];

// Written out: PostgreSQL uses the partial index on open rows only when the state is a constant of the statement.
const states = {
  open: ` and d.state = 'open'`,
  replayed: ` and d.state = 'replayed'`,
  discarded: ` and d.state = 'discarded'`,
} as const satisfies Record<DeadLetterState, string>;

/**
 * The statement holds only the conditions that are asked for, so that it is planned for them.
 * @param first number of the first parameter
 */
export const criteriaCondition = ({ state, ...filter }: DeadLetterCriteria, first: number): Condition => {
  const used = names.filter((name) => filter[name] !== undefined);
  const parts = used.map((name, n) => ` and ${conditions[name](`$${first + n}`)}`);
  return {
    name: [state ?? 'all', ...used].join('+'),
    text: (state === undefined ? '' : states[state]) + parts.join(''),
    values: used.map((name) => filter[name]),
  };
};
