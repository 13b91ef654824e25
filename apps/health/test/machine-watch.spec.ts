import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import { certificate } from '@pulser/testing';

import { certificateEnd } from '../src/machine/machine-watch.js';

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

describe('the end of a certificate', () => {
  it('is read from the server that shows it, trusted or not', async () => {
    const server = createTlsServer(certificate, (socket) => socket.on('error', () => undefined));
    const port = await listening(server);
    expect((await certificateEnd({ host: '127.0.0.1', port })).getUTCFullYear()).toBe(2126);
    server.close();
  });

  it('is not found where no TLS is spoken, and nobody listens', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).end('hello');
    });
    const port = await listening(server);
    await expect(certificateEnd({ host: '127.0.0.1', port })).rejects.toThrow();
    server.close();
    await expect(certificateEnd({ host: '127.0.0.1', port: 1 })).rejects.toThrow();
  });
});
