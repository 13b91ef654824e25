import type { DeadLetterFilter, DeadLetterState } from '@pulser/contracts';

/** What narrows a set of letters; `cursor` is the id of the last one seen. */
export interface DeadLetterCriteria extends DeadLetterFilter {
  readonly state?: DeadLetterState | undefined;
  readonly cursor?: string | undefined;
}

export interface Condition {
  /** Differs whenever the text does: part of a statement's name. */
  readonly name: string;
  /** Conditions on `dead_letter d`, each led by `and`. */
  readonly text: string;
  readonly values: readonly unknown[];
}

// Filters on the time are filters on the id, so that they use its indexes.
const conditions = {
  agent: (value: string) => `d.agent_name = ${value}`,
  task_type: (value: string) => `d.task_type = ${value}`,
  fingerprint: (value: string) => `d.fingerprint = ${value}`,
  reason: (value: string) => `d.reason = ${value}`,
  created_after: (value: string) => `d.dead_letter_id >= pulser.id_floor(${value})`,
  created_before: (value: string) => `d.dead_letter_id < pulser.id_floor(${value})`,
  cursor: (value: string) => `d.dead_letter_id < ${value}`,
} as const;

const names = Object.keys(conditions) as (keyof typeof conditions)[];

// Written out, because an index on open letters serves only who names the state.
const states = {
  open: ` and d.state = 'open'`,
  replayed: ` and d.state = 'replayed'`,
  discarded: ` and d.state = 'discarded'`,
} as const satisfies Record<DeadLetterState, string>;

/** Only what is asked for stands in the statement, so that it is planned for that. Parameters start at `first`. */
export const criteriaCondition = ({ state, ...filter }: DeadLetterCriteria, first: number): Condition => {
  const used = names.filter((name) => filter[name] !== undefined);
  const parts = used.map((name, n) => ` and ${conditions[name](`$${first + n}`)}`);
  return {
    name: [state ?? 'all', ...used].join('+'),
    text: (state === undefined ? '' : states[state]) + parts.join(''),
    values: used.map((name) => filter[name]),
  };
};
