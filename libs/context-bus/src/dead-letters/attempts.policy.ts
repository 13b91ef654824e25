import { type AttemptView, hasEnded, type TaskEventView } from '@pulser/contracts';

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

// A suspended attempt goes on after its wait: neither `waiting` nor the `queued` of its waking ends it.
const goesOn = ({ status, error }: StatusEvent): boolean =>
  status === 'waiting' || (status === 'queued' && error === undefined);

/**
 * The attempts of a task, in order, by its history. An event after the end of an attempt (a deadline during the back-off)
 * carries its number too, and does not change it. The end of the task ends a suspended attempt, too.
 */
export const attemptsOf = (events: readonly TaskEventView[]): AttemptView[] => {
  const attempts = new Map<number, AttemptView>();
  for (const event of events) {
    if (event.type !== 'status' || goesOn(event)) continue;
    if (event.status === 'running') {
      if (!attempts.has(event.attempt)) attempts.set(event.attempt, started(event));
      continue;
    }
    for (const [number, attempt] of attempts)
      if (attempt.ended_at === null && (number === event.attempt || hasEnded(event.status)))
        attempts.set(number, ended(attempt, event));
  }
  return [...attempts.values()];
};
