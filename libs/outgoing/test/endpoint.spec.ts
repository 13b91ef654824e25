import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { EndpointClient } from '../src/index.js';

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('a client for the one server of the configuration', () => {
  let server: Server;
  let other: Server;
  let client: EndpointClient;
  let reached = 0;

  beforeAll(async () => {
    other = createServer((_request, response) => {
      reached += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    server = createServer((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: `${originOf(other)}/` }).end();
      else if (request.url === '/silent') response.writeHead(200).write('x');
      else if (request.url === '/large') response.end(Buffer.alloc(2_000));
      else request.pipe(response);
    }).listen(0, '127.0.0.1');
    await Promise.all([once(server, 'listening'), once(other, 'listening')]);
    client = new EndpointClient(`${originOf(server)}/bucket`, { idleMs: 2_000, maxBytes: 1_000 });
  });

  afterAll(async () => {
    await client.close();
    for (const one of [server, other]) {
      one.closeAllConnections();
      one.close();
    }
  });

  it('sends and reads bytes', async () => {
    const answer = await client.fetch(`${originOf(server)}/bucket/a`, { method: 'PUT', body: Buffer.from('hello') });
    expect([answer.status, await answer.text()]).toEqual([200, 'hello']);
  });

  it('asks no other server, also when it is led there', async () => {
    await expect(client.fetch(originOf(other))).rejects.toMatchObject({ code: 'other_server' });
    await expect(client.fetch(new URL(`https://127.0.0.1/`))).rejects.toMatchObject({ code: 'other_server' });
    await expect(client.fetch(`${originOf(server)}/away`)).rejects.toThrow();
    expect(reached).toBe(0);
  });

  it('waits for no silent server, and reads no more than it may', async () => {
    await expect(client.fetch(`${originOf(server)}/silent`).then((answer) => answer.text())).rejects.toThrow();
    await expect(client.fetch(`${originOf(server)}/large`).then((answer) => answer.text())).rejects.toThrow();
  });
});
