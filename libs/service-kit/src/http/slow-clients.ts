// Clients that take too long to send a body. Node's own limit counts from the head of a request to its end, for all requests
// alike; a body that a route takes as a stream may take hours, as long as it goes on.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { answerOn } from './client-errors.js';

/** Requests whose body is taken as a stream. */
const streamed = new WeakSet<IncomingMessage>();

/** From now on the client may take as long as it likes for the whole body of this request, but may not pause for long. */
export const expectStream = (request: IncomingMessage): void => {
  streamed.add(request);
};

// Where Node keeps the request that a socket is sending.
const requestOn = (socket: Socket): IncomingMessage | undefined =>
  (socket as { parser?: { incoming?: IncomingMessage | null } | null }).parser?.incoming ?? undefined;

interface Progress {
  readonly bytesRead: number;
  /** Of the monotonic clock, milliseconds. */
  readonly since: number;
}

class TooSlow extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT';

  constructor() {
    super('The body took too long');
  }
}

/** Looks now and then at all connections whose request is not complete. */
class SlowClients {
  private readonly sockets = new Set<Socket>();
  private readonly progress = new WeakMap<IncomingMessage, Progress>();

  constructor(
    private readonly server: Server,
    private readonly maxMs: number,
  ) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  look(): void {
    const now = performance.now();
    for (const socket of this.sockets) {
      const request = requestOn(socket);
      if (request?.complete === false && this.isTooSlow(socket, request, now))
        this.server.emit('clientError', new TooSlow(), socket);
    }
  }

  private isTooSlow(socket: Socket, request: IncomingMessage, now: number): boolean {
    const known = this.progress.get(request);
    if (known !== undefined && !hasProgressed(socket, request, known)) return now - known.since >= this.maxMs;
    this.progress.set(request, { bytesRead: socket.bytesRead, since: now });
    return false;
  }
}

// A stream without a reader, because its answer is given, counts as any other body. One whose reader is slow is not the
// client's fault.
const hasProgressed = (socket: Socket, request: IncomingMessage, { bytesRead }: Progress): boolean =>
  streamed.has(request) &&
  answerOn(socket)?.req === request &&
  (socket.bytesRead !== bytesRead || request.readableLength > 0);

/**
 * Lets go of clients that take too long: `requestMs` for a body; of one that is taken as a stream for the next bytes of it.
 * @param times milliseconds
 */
export const letGoOfSlowClients = (
  { server }: FastifyInstance,
  { requestMs, checkEveryMs }: { readonly requestMs: number; readonly checkEveryMs: number },
): void => {
  const clients = new SlowClients(server, requestMs);
  const timer = setInterval(() => {
    clients.look();
  }, checkEveryMs);
  timer.unref();
  server.once('close', () => {
    clearInterval(timer);
  });
};
