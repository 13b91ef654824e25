// What each event of the stream means for a page.
import type { LiveMessage, TaskChange, WatchedThing } from './live-event.js';
import type { SentEvent } from './sse.policy.js';

const things: readonly WatchedThing[] = ['tasks', 'dead-letters', 'pauses', 'agents', 'approvals', 'mcp'];

type Data = Readonly<Record<string, unknown>>;

const dataOf = (text: string): Data | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Data) : undefined;
  } catch {
    return undefined;
  }
};

const isChange = (value: unknown): value is TaskChange =>
  typeof value === 'object' && value !== null && 'task_id' in value && typeof value.task_id === 'string';

const several = ({ changes, left_out: leftOut }: Data): LiveMessage[] => {
  const known = Array.isArray(changes) ? changes.filter(isChange) : [];
  const wereLeftOut = typeof leftOut === 'object' && leftOut !== null && Object.keys(leftOut).length > 0;
  return [
    ...(known.length > 0 ? [{ kind: 'tasks' as const, changes: known }] : []),
    // What was left out is not sent later.
    ...(wereLeftOut ? [{ kind: 'hint' as const, what: ['tasks' as const] }] : []),
  ];
};

/** What is said to the tabs; nothing for an event that this build does not know. */
export const messagesOf = ({ event, data: text }: SentEvent): LiveMessage[] => {
  const data = dataOf(text);
  if (event === 'reset') return [{ kind: 'reset' }];
  if (data === undefined) return [];
  if (event === 'ready') return data['resumed'] === true ? [] : [{ kind: 'reset' }];
  if (event === 'task') return isChange(data) ? [{ kind: 'tasks', changes: [data] }] : [];
  if (event === 'tasks') return several(data);
  const { what } = data;
  if (event !== 'hint' || !Array.isArray(what)) return [];
  return [{ kind: 'hint', what: things.filter((thing) => what.includes(thing)) }];
};
