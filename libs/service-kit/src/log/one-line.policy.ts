// Text that is safe to print on one line.
import { keptSizes, keptText } from '@pulser/contracts';

import { redact } from './redact.policy.js';

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

// JSON escapes only characters below U+0020. Some viewers treat these as line ends or terminal control codes too.
const unescapedByJson = /[\u007f-\u009f\u2028\u2029]/g;

/** Makes a line of JSON safe for viewers that know more control characters than JSON does. */
export const escapeControlsInJson = (line: string): string => line.replace(unescapedByJson, escaped);

/** Makes any text one line without control characters. */
export const oneLine = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\u2028\u2029]/gu, escaped);

const rawMessage = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // Node throws this when every address of a host refuses: it has no message, its parts do.
  if (error instanceof AggregateError && error.message === '') return rawMessage(error.errors[0]);
  return error.message === '' ? error.name : error.message;
};

/** The message of an error, on one line, bounded and without secrets, for output outside the log. */
export const messageOf = (error: unknown): string =>
  // Cut last: half a secret would not be recognised.
  keptText(redact(oneLine(rawMessage(error))), keptSizes.message);
