import type { AttemptView, TaskEventView } from '@pulser/contracts';

type StatusEvent = Extract<TaskEventView, { type: 'status' }>;

const started = ({ attempt, at }: StatusEvent): AttemptView => ({
  attempt,
  started_at: at,
  ended_at: null,
  duration_ms: null,
  error: null,
});

const ended = (attempt: AttemptView, { at, error }: StatusEvent): AttemptView => ({
  ...attempt,
  ended_at: at,
  duration_ms: Math.max(0, Date.parse(at) - Date.parse(attempt.started_at)),
  error: error ?? null,
});

/**
 * The attempts of a task, in order, by its history. An event after the end of an attempt (a deadline during the back-off)
 * carries its number too, and does not change it.
 */
export const attemptsOf = (events: readonly TaskEventView[]): AttemptView[] => {
  const attempts = new Map<number, AttemptView>();
  for (const event of events) {
    if (event.type !== 'status') continue;
    const known = attempts.get(event.attempt);
    if (event.status === 'running' && known === undefined) attempts.set(event.attempt, started(event));
    else if (event.status !== 'running' && known?.ended_at === null) attempts.set(event.attempt, ended(known, event));
  }
  return [...attempts.values()];
};
