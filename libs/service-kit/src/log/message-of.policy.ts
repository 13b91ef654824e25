import { oneLine } from './one-line.policy.js';
import { redact } from './redact.policy.js';

const rawMessage = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // Node's own when every address of a host refuses: it has no message, its parts have.
  if (error instanceof AggregateError && error.message === '') return rawMessage(error.errors[0]);
  return error.message === '' ? error.name : error.message;
};

/** What an error says, in one line and without secrets, for people outside the log. */
export const messageOf = (error: unknown): string => redact(oneLine(rawMessage(error)));
