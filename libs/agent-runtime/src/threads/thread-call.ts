import type { AttemptContext } from '../execution/attempt-context.js';
import { packed } from './thread-failure.policy.js';
import type { Call, ToThread } from './thread-message.js';

/** What a thread has done by the one that started it. */
export type ThreadHost = Pick<AttemptContext, 'taskId' | 'signal' | 'log' | 'progress' | 'artifact' | 'ledger'>;

const done = (wanted: Call, host: ThreadHost): Promise<unknown> => {
  switch (wanted.to) {
    case 'artifact':
      return host.artifact(wanted.name, wanted.mediaType, wanted.content);
    case 'begin':
      return host.ledger.begin(wanted.key);
    case 'finish':
      return host.ledger.finish(wanted.key, wanted.json);
  }
};

/** Does what a thread asks for; never rejects. */
export const answerTo = async (
  { run, call, wanted }: { readonly run: number; readonly call: number; readonly wanted: Call },
  host: ThreadHost,
): Promise<ToThread> => {
  try {
    return { run, call, kind: 'answer', value: await done(wanted, host) };
  } catch (error) {
    return { run, call, kind: 'refusal', failure: packed(error) };
  }
};
