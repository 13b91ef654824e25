import { redact } from './redact.policy.js';

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

// JSON escapes only what lies below U+0020. These still end a line, or steer a terminal, in some viewers.
const unescapedByJson = /[\u007f-\u009f\u2028\u2029]/g;

/** Makes a line of JSON safe for viewers that know more control characters than JSON does. */
export const escapeControlsInJson = (line: string): string => line.replace(unescapedByJson, escaped);

/** Makes any text one line without control characters. */
export const oneLine = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\u2028\u2029]/gu, escaped);

const rawMessage = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // Node's own when every address of a host refuses: it has no message, its parts have.
  if (error instanceof AggregateError && error.message === '') return rawMessage(error.errors[0]);
  return error.message === '' ? error.name : error.message;
};

/** What an error says, in one line and without secrets, for people outside the log. */
export const messageOf = (error: unknown): string => redact(oneLine(rawMessage(error)));
