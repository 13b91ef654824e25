// What is to be done with an event that a hook is to be fired for. Pure: the event, its hook and its author as they are now.
import {
  type Author,
  authorPrincipal,
  authorRefusal,
  type DueEvent,
  lostTexts,
  mapped,
  submissionRefusal,
} from '@pulser/context-bus';
import { type HookOrder, type HookRefusalReason, maxHookDepth, type SubmitTask } from '@pulser/contracts';

export type EventStep =
  /** The hook is gone or disabled. */
  | { readonly do: 'drop' }
  | { readonly do: 'refuse'; readonly reason: HookRefusalReason; readonly detail: string }
  | { readonly do: 'submit'; readonly submit: SubmitTask; readonly hooks: readonly string[] };

type Found = Pick<DueEvent, 'hookId' | 'hooks' | 'body'> & Author;

const rightsStep = (author: Author, { task }: HookOrder): EventStep | undefined => {
  if (author.lost !== null) return { do: 'refuse', reason: 'rights', detail: lostTexts[author.lost] };
  const code = submissionRefusal(authorPrincipal(author), task.task_type);
  if (code === undefined) return undefined;
  const { role, types } = author;
  const allowed = types ?? [];
  return {
    do: 'refuse',
    ...authorRefusal(code === 'forbidden' ? { code, role } : { code, taskType: task.task_type, allowed }),
  };
};

/** Tasks of a hook fire it again when they make happen what it waits for: not without end. */
export const isLoop = ({ hookId, hooks }: Pick<Found, 'hookId' | 'hooks'>): boolean =>
  hooks.filter((id) => id === hookId).length >= maxHookDepth;

export const eventStep = (event: Found, order: HookOrder): EventStep => {
  if (isLoop(event))
    return { do: 'refuse', reason: 'loop', detail: `Tasks of it have fired it ${maxHookDepth} times in a row` };
  const refused = rightsStep(event, order);
  if (refused !== undefined) return refused;
  const filled = mapped(order.task.payload, order.map, event.body);
  if (filled.kind === 'missing')
    return { do: 'refuse', reason: 'body', detail: `The body has nothing at ${filled.pointers.join(', ')}` };
  const hooks = [...event.hooks, event.hookId];
  return { do: 'submit', submit: { ...order.task, payload: filled.payload }, hooks };
};

/** Seconds for which a refusal that passes is waited out, counted from what happened. */
const maxPatienceS = 3_600;
const maxPauseS = 60;

/** Seconds until a refused submission is tried again; undefined: never, the refusal stays or has stayed too long. */
export const retryAfterS = (
  reason: HookRefusalReason,
  { tries, ageS }: Pick<DueEvent, 'tries' | 'ageS'>,
): number | undefined => {
  const passes = reason === 'queue_full' || reason === 'daily_quota_spent' || reason === 'task_type_not_served';
  return passes && ageS < maxPatienceS ? Math.min(maxPauseS, 2 ** tries) : undefined;
};
