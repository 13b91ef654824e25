import type { AttemptContext } from '../execution/attempt-context.js';
import { packed } from './thread-failure.policy.js';
import type { Call, ToThread } from './thread-message.js';

const done = (wanted: Call, context: AttemptContext): Promise<unknown> => {
  switch (wanted.to) {
    case 'artifact':
      return context.artifact(wanted.name, wanted.mediaType, wanted.content);
    case 'begin':
      return context.ledger.begin(wanted.key);
    case 'finish':
      return context.ledger.finish(wanted.key, wanted.json);
  }
};

/** Does what a thread asks for; never rejects. */
export const answerTo = async (
  { run, call, wanted }: { readonly run: number; readonly call: number; readonly wanted: Call },
  context: AttemptContext,
): Promise<ToThread> => {
  try {
    return { run, call, kind: 'answer', value: await done(wanted, context) };
  } catch (error) {
    return { run, call, kind: 'refusal', failure: packed(error) };
  }
};
