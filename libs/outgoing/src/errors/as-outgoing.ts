import { failureCode } from './failure.policy.js';
import { OutgoingFailed } from './outgoing-failed.js';
import { OutgoingRefused } from './outgoing-refused.js';

/** Whatever a request threw, as one of our two errors, with the origin that was asked. */
export const asOutgoing = (error: unknown, origin: string): OutgoingRefused | OutgoingFailed => {
  if (error instanceof OutgoingRefused) return error;
  if (error instanceof OutgoingFailed) return new OutgoingFailed(error.code, { origin, ...error.facts }, error.cause);
  return new OutgoingFailed(failureCode(error), { origin }, error);
};
