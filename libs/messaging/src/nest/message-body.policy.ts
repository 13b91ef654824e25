import {
  bodyRefusals,
  fieldProblems,
  isJsonMediaType,
  jsonLimits,
  messages,
  type MessageKey,
  readJson,
} from '@pulser/contracts';

import { RejectMessage } from './reject-message.js';

export const isMessageKey = (key: string): key is MessageKey => Object.hasOwn(messages, key);

/** Messages of others than our own services; what these write may be longer: many tasks in one. */
const maxBytes: Partial<Record<MessageKey, number>> = { 'task.submit': jsonLimits.maxBytes };

/** A body and what its sender says it is; nothing means JSON. */
export interface MessageBytes {
  readonly body: Buffer;
  readonly contentType?: string | undefined;
}

const parsed = (key: MessageKey, { body, contentType }: MessageBytes): unknown => {
  if (contentType !== undefined && !isJsonMediaType(contentType)) {
    throw new RejectMessage(bodyRefusals.otherMediaType.letter);
  }
  const reading = readJson(body, maxBytes[key]);
  if (reading.kind === 'read') return reading.value;
  throw new RejectMessage(bodyRefusals[reading.why].letter, reading.detail);
};

/**
 * The body of a message as its schema makes it, defaults filled in.
 * @throws RejectMessage when it is not JSON or does not match; the detail names the fields
 */
export const readBody = (key: MessageKey, message: MessageBytes): unknown => {
  const result = messages[key].body.safeParse(parsed(key, message));
  if (result.success) return result.data;
  const problems = fieldProblems(result.error).map(({ pointer, detail }) => `${pointer}: ${detail}`);
  throw new RejectMessage(bodyRefusals.mismatch.letter, problems.join('; '));
};
