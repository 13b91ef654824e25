import { fieldProblems, messages, type MessageKey } from '@pulser/contracts';

import { DeadLetter } from './dead-letter.js';

export const isMessageKey = (key: string): key is MessageKey => Object.hasOwn(messages, key);

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new DeadLetter('unparsable', error instanceof Error ? error.message : undefined);
  }
};

const mostProblems = 20;

/**
 * The body of a message as its schema makes it, defaults filled in.
 * @throws DeadLetter when it is not JSON or does not match; the detail names the fields
 */
export const readBody = (key: MessageKey, body: Buffer): unknown => {
  const result = messages[key].body.safeParse(parsed(body));
  if (result.success) return result.data;
  const problems = fieldProblems(result.error).slice(0, mostProblems);
  throw new DeadLetter('invalid_message', problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '));
};
