import { textOf } from '../../app/search.policy.js';

/** What is chosen on the page, as the URL has it. */
export interface SubmitSearch {
  readonly task_type?: string | undefined;
  readonly operation?: string | undefined;
  /** Id of the task whose payload fills the form. */
  readonly from?: string | undefined;
  /** A payload as JSON that fills the form instead of the example. */
  readonly payload?: string | undefined;
}

export const submitSearchOf = (search: Readonly<Record<string, unknown>>): SubmitSearch => {
  const found = {
    task_type: textOf(search['task_type'], 64),
    operation: textOf(search['operation'], 200),
    from: textOf(search['from'], 36),
    payload: textOf(search['payload'], 8_000),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};
