// The text of an event stream: https://html.spec.whatwg.org/multipage/server-sent-events.html
import type { NumberedEvent } from '@pulser/context-bus';

const reconnectMs = 2_000;

/** After how long a client that lost the stream reconnects. Sent first, so that the headers leave at once. */
export const retryFrame = `retry: ${reconnectMs}\n\n`;

/** A comment, so that no proxy between here and the client takes the connection for dead. */
export const heartbeatFrame = ': heartbeat\n\n';

/** The last frame: a client that got it need not come back. */
export const endFrame = 'event: end\ndata: {}\n\n';

// JSON has no line breaks outside of its escapes, so the data is one line.
export const eventFrame = ({ seq, event }: NumberedEvent): string =>
  `id: ${seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

const maxDigits = 15;
const number = new RegExp(`^\\d{1,${maxDigits}}$`);

/** The number behind an event id that a client sent back: -1 for none, undefined when no event can have this id. */
export const lastSeen = (given: unknown): number | undefined => {
  if (given === undefined || given === '') return -1;
  return typeof given === 'string' && number.test(given) ? Number(given) : undefined;
};
