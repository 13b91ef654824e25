// `fetch` for libraries that bring a protocol and take the transport: their requests get the checks and limits of a client.
import type { OutgoingClient } from './outgoing-client.js';
import { OutgoingMethod, type OutgoingRequest } from './outgoing-request.js';
import type { OutgoingStream } from './outgoing-stream.js';

// Set by the connection itself; libraries set them too.
const byConnection = new Set(['accept-encoding', 'connection', 'content-length', 'host']);
// Of the body as it came, not as it is handed on.
const ofTransfer = new Set(['content-encoding', 'content-length', 'transfer-encoding']);
const withoutBody = new Set([204, 205, 304]);

const without = (headers: Iterable<readonly [string, string]>, names: ReadonlySet<string>): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => !names.has(name.toLowerCase())));

const bodyOf = (body: unknown): Pick<OutgoingRequest, 'body'> => {
  if (body === undefined || body === null) return {};
  if (typeof body === 'string' || body instanceof Uint8Array) return { body };
  throw new TypeError('Only texts and bytes can be sent');
};

// Not `ReadableStream.from`: cancelled before its first read, that would leave the connection open.
const readable = (stream: OutgoingStream): ReadableStream<Uint8Array> => {
  const parts = stream[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const next = await parts.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: () => stream.close(),
  });
};

/**
 * As the global one, with the answer as it comes; a redirect is an answer. @throws what `OutgoingClient.open` throws
 * @param limits less than the client's own, for each request
 */
export const fetchOver =
  (client: OutgoingClient, limits: Pick<OutgoingRequest, 'timeoutMs' | 'maxBytes'> = {}): typeof globalThis.fetch =>
  async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const stream = await client.open(url, {
      ...limits,
      method: OutgoingMethod.parse(init.method?.toUpperCase() ?? 'GET'),
      headers: without(new Headers(init.headers), byConnection),
      ...bodyOf(init.body),
      ...(init.signal && { signal: init.signal }),
    });
    const { status } = stream;
    const head = { status, headers: without(Object.entries(stream.headers), ofTransfer) };
    if (!withoutBody.has(status)) return new Response(readable(stream), head);
    await stream.close();
    return new Response(null, head);
  };
