// What is submitted: the payload that was written, and when and how it is to run.
import type { Priority, TaskView } from '@pulser/contracts';

import { type Json, type PayloadProblem, isObject } from './pointer.policy.js';

export interface Options {
  readonly priority: Priority;
  /** As `<input type="datetime-local">` has it; empty: at once. */
  readonly runAt: string;
  /** A length of time: `90`, `15m`, `2h`; empty: none. */
  readonly deadline: string;
  /** A JSON object as text; empty: none. */
  readonly metadata: string;
  /** Empty: the page makes one, so that a repeat after a lost answer submits nothing twice. */
  readonly idempotencyKey: string;
}

export const noOptions: Options = { priority: 'medium', runAt: '', deadline: '', metadata: '', idempotencyKey: '' };

/** Whether anything differs from what a submission has without them. */
export const hasOptions = (options: Options): boolean =>
  (Object.keys(noOptions) as (keyof Options)[]).some((name) => options[name] !== noOptions[name]);

/** Body of `POST /api/v1/tasks`. */
export interface SubmissionBody {
  readonly task_type: string;
  readonly priority: Priority;
  readonly payload: Json;
  readonly run_at?: string;
  readonly deadline_s?: number;
  readonly metadata?: Json;
}

const unitSeconds: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds of `90`, `90s`, `15m`, `2h` or `1d`; undefined for anything else. */
export const secondsOf = (text: string): number | undefined => {
  const [, amount, unit = ''] = /^\s*(\d{1,9})\s*([smhd]?)\s*$/i.exec(text) ?? [];
  const seconds = Number(amount) * (unitSeconds[unit.toLowerCase()] ?? Number.NaN);
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined;
};

/** A JSON object from a text, or why it is none. */
export const objectOf = (text: string): { readonly value: Json } | { readonly fault: string } => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { value } : { fault: 'Must be a JSON object: {…}' };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : 'This is not JSON' };
  }
};

export interface Written {
  readonly taskType: string;
  readonly payload: Json;
  readonly options: Options;
}

/** The body, or what is wrong with the options, by the pointers of the body. */
export const bodyOf = ({
  taskType,
  payload,
  options: { priority, runAt, deadline, metadata },
}: Written): { readonly body: SubmissionBody } | { readonly problems: readonly PayloadProblem[] } => {
  const seconds = secondsOf(deadline);
  const start = new Date(runAt);
  const more = metadata.trim() === '' ? undefined : objectOf(metadata);
  const problems: PayloadProblem[] = [
    ...(deadline.trim() !== '' && seconds === undefined
      ? [{ pointer: '/deadline_s', detail: 'Must be a length of time such as 90s, 15m, 2h or 1d' }]
      : []),
    ...(runAt !== '' && Number.isNaN(start.getTime())
      ? [{ pointer: '/run_at', detail: 'Must be a date and time' }]
      : []),
    ...(more !== undefined && 'fault' in more ? [{ pointer: '/metadata', detail: more.fault }] : []),
  ];
  if (problems.length > 0) return { problems };
  return {
    body: {
      task_type: taskType,
      priority,
      payload,
      ...(runAt !== '' && { run_at: start.toISOString() }),
      ...(seconds !== undefined && { deadline_s: seconds }),
      ...(more !== undefined && 'value' in more && { metadata: more.value }),
    },
  };
};

/** What a task was submitted with, to be changed: not its start and deadline, which lie behind, nor its key. */
export const writtenOf = ({ task_type, payload, priority, metadata }: TaskView): Written => ({
  taskType: task_type,
  payload,
  options: { ...noOptions, priority, metadata: metadata === null ? '' : JSON.stringify(metadata, null, 2) },
});

export interface SplitProblems {
  /** By the pointers of the payload. */
  readonly payload: readonly PayloadProblem[];
  /** By the pointers of the body. */
  readonly options: readonly PayloadProblem[];
}

const ofPayload = '/payload';

/** Problems of the body, apart by where they are shown. */
export const splitProblems = (problems: readonly PayloadProblem[]): SplitProblems => {
  const isOfPayload = ({ pointer }: PayloadProblem): boolean =>
    pointer === ofPayload || pointer.startsWith(`${ofPayload}/`);
  return {
    payload: problems
      .filter(isOfPayload)
      .map(({ pointer, detail }) => ({ pointer: pointer.slice(ofPayload.length), detail })),
    options: problems.filter((problem) => !isOfPayload(problem)),
  };
};

/** What is wrong with a member of the body, or with what is in it. */
export const optionProblem = (problems: readonly PayloadProblem[], name: string): string | undefined => {
  const found = problems.filter(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`));
  return found.length === 0 ? undefined : found.map(({ detail }) => detail).join('. ');
};

const shownOptions = ['priority', 'run_at', 'deadline_s', 'metadata'] as const;

/** Whether there is a field that shows the problem. */
export const isShownOption = (problem: PayloadProblem): boolean =>
  shownOptions.some((name) => optionProblem([problem], name) !== undefined);
