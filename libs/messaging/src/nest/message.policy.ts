// What is checked of a message before its handler gets it: headers, version, body.
import {
  bodyRefusals,
  fieldProblems,
  hasForbiddenKey,
  header,
  isForbiddenName,
  isJsonMediaType,
  jsonLimits,
  type MessageKey,
  messages,
  messageVersion,
  readJson,
} from '@pulser/contracts';

import { RejectMessage } from './message-handler.js';

/** @throws RejectMessage when a name in the headers of a message could pollute prototypes */
export const checkHeaders = (headers: Readonly<Record<string, unknown>>): void => {
  if (Object.keys(headers).some(isForbiddenName) || hasForbiddenKey(headers)) {
    throw new RejectMessage(bodyRefusals.forbiddenKey.deadLetter, 'A header has its name');
  }
};

const readable = (version: unknown): boolean =>
  typeof version === 'number' && Number.isInteger(version) && Math.abs(version - messageVersion) <= 1;

/**
 * During a rolling upgrade services of this version and of the next, or of the one before, exchange messages. Their
 * schemas only ever gain optional fields, and readers ignore fields they do not know. A producer may leave the version out.
 * @throws RejectMessage when the message is of a version further away
 */
export const checkVersion = (headers: Readonly<Record<string, unknown>>): void => {
  const version = headers[header.version];
  if (version === undefined || readable(version)) return;
  throw new RejectMessage(
    'unsupported_version',
    `Version ${typeof version === 'number' ? version : `of type ${typeof version}`}; this build reads ${messageVersion - 1} to ${messageVersion + 1}`,
  );
};

export const isMessageKey = (key: string): key is MessageKey => Object.hasOwn(messages, key);

/** Limits for messages from outside; those of our own services may be longer, because they carry many tasks. */
const maxBytes: Partial<Record<MessageKey, number>> = { 'task.submit': jsonLimits.maxBytes };

/** A body and the content type that its sender set; without one it is JSON. */
export interface MessageBytes {
  readonly body: Buffer;
  readonly contentType?: string | undefined;
}

const parsed = (key: MessageKey, { body, contentType }: MessageBytes): unknown => {
  if (contentType !== undefined && !isJsonMediaType(contentType)) {
    throw new RejectMessage(bodyRefusals.otherMediaType.deadLetter);
  }
  const reading = readJson(body, maxBytes[key]);
  if (reading.kind === 'read') return reading.value;
  throw new RejectMessage(bodyRefusals[reading.why].deadLetter, reading.detail);
};

/**
 * The body of a message as its schema makes it, defaults filled in.
 * @throws RejectMessage when it is not JSON or does not match; the detail names the fields
 */
export const readBody = (key: MessageKey, message: MessageBytes): unknown => {
  const result = messages[key].body.safeParse(parsed(key, message));
  if (result.success) return result.data;
  const problems = fieldProblems(result.error).map(({ pointer, detail }) => `${pointer}: ${detail}`);
  throw new RejectMessage(bodyRefusals.mismatch.deadLetter, problems.join('; '));
};
