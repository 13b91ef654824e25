import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { createAdapter } from '../src/http/server.js';
import { streamBodies, streamedBody } from '../src/http/streamed-bodies.js';

const impatient = { headersMs: 1_000, requestMs: 2_000, checkEveryMs: 100 };

const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n';

/** Sends a byte from time to time, so that the connection is never silent. */
const trickle = (socket: Socket, byte: string): void => {
  const timer = setInterval(() => socket.write(byte), 20);
  socket.once('close', () => {
    clearInterval(timer);
  });
};

/** All that arrived until the connection was gone. */
const received = async (socket: Socket): Promise<string> => {
  const chunks: string[] = [];
  socket.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return chunks.join('');
};

/** A byte that crosses the server's close resets the connection, and the answer may be lost with it. */
const letGo = /^(HTTP\/1\.1 408 |$)/;

describe('a slow client', () => {
  let server: FastifyInstance;
  let socket: Socket;

  beforeAll(async () => {
    server = createAdapter({ timeouts: impatient }).getInstance();
    streamBodies(server);
    server.post('/', () => 'never');
    server.post('/stream', { config: { streamsBody: true } as never }, async (request) => {
      let bytes = 0;
      for await (const chunk of streamedBody(request).body) bytes += (chunk as Buffer).length;
      return `${bytes} bytes`;
    });
    server.post('/refused', { config: { streamsBody: true } as never }, (_request, reply) =>
      reply.code(403).send('no'),
    );
    await server.listen({ port: 0, host: '127.0.0.1' });
  });

  afterAll(() => server.close());

  beforeEach(async () => {
    const { port } = server.server.address() as AddressInfo;
    socket = connect(port, '127.0.0.1');
    // Its bytes may cross the server's close.
    socket.on('error', () => undefined);
    await once(socket, 'connect');
  });

  it('that says nothing at all is let go', async () => {
    expect(await received(socket)).toMatch(
      /^HTTP\/1\.1 408 [^]*application\/problem\+json[^]*"code":"request_timeout"/,
    );
  });

  it('that never ends its headers is let go', async () => {
    socket.write(head);
    trickle(socket, 'x');
    expect(await received(socket)).toMatch(letGo);
  });

  const streamHead = (path: string, bytes: number): string =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: ${bytes}\r\n\r\n`;

  it('that goes on with a stream may take longer than any other', async () => {
    socket.write(streamHead('/stream', 40));
    const answer = received(socket);
    let sent = 0;
    const timer = setInterval(() => {
      if ((sent += 1) <= 40) socket.write('x');
      else clearInterval(timer);
    }, 75);
    await expect(Promise.race([answer, once(socket, 'data').then(([data]) => String(data))])).resolves.toMatch(
      /^HTTP\/1\.1 200 [^]*40 bytes$/,
    );
    socket.destroy();
    await answer;
  });

  it('that says nothing more in a stream is let go', async () => {
    socket.write(streamHead('/stream', 40));
    socket.write('x');
    expect(await received(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that goes on to send what nobody reads is let go, and gets its answer', async () => {
    socket.write(streamHead('/refused', 1_000_000_000));
    trickle(socket, 'x');
    expect(await received(socket)).toMatch(/^HTTP\/1\.1 403 [^]*connection: close[^]*no$/i);
  });

  it('that says the name of the media type of streams elsewhere is refused', async () => {
    socket.write(streamHead('/', 2).replace('text/csv', 'application/vnd.pulser.stream'));
    socket.write('{}');
    const answer = await once(socket, 'data').then(([data]) => String(data));
    expect(answer).not.toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('that never ends its body is let go', async () => {
    socket.write(`${head.replace('10', '100000')}\r\n`);
    trickle(socket, '1');
    expect(await received(socket)).toMatch(letGo);
  });
});
