import type { NumberedEvent } from '@pulser/context-bus';

// https://html.spec.whatwg.org/multipage/server-sent-events.html
const reconnectMs = 2_000;

/** Says after how long a client that lost the stream may come back; also gets the headers on their way. */
export const retryFrame = `retry: ${reconnectMs}\n\n`;

/** A comment, so that nothing between here and the client takes the connection for dead. */
export const heartbeatFrame = ': heartbeat\n\n';

/** The last frame: a client that got it need not come back. */
export const endFrame = 'event: end\ndata: {}\n\n';

// JSON has no line breaks outside of its escapes, so the data is one line.
export const eventFrame = ({ seq, event }: NumberedEvent): string =>
  `id: ${seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
