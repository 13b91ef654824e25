import { type AddressInfo, createServer, type Server } from 'node:net';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';

import { certificate } from '@pulser/testing';
import { SMTPServer } from 'smtp-server';

import { certificateEnd } from '../src/machine/certificate-end.js';

const host = '127.0.0.1';
/** Of the certificate of tests. */
const endYear = 2126;

/** PostgreSQL before it speaks TLS; https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL */
const postgresWithTls = (): Server =>
  createServer((socket) => {
    socket.once('data', (request) => {
      if (request.toString('hex') !== '0000000804d2162f') return void socket.destroy();
      socket.write('S');
      const secureContext = createSecureContext(certificate);
      new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => undefined);
    });
  });

describe('the end of a certificate', () => {
  const servers: { close(done: () => void): void }[] = [];

  const listening = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return (server.address() as AddressInfo).port;
  };

  const mailServer = async (options: object): Promise<number> => {
    const smtp = new SMTPServer({ authOptional: true, logger: false, ...options });
    servers.push(smtp);
    smtp.on('error', () => undefined);
    await new Promise<void>((resolve) => smtp.listen(0, host, resolve));
    return (smtp.server.address() as AddressInfo).port;
  };

  afterEach(async () => {
    const closed = (server: (typeof servers)[number]) =>
      new Promise<void>((resolve) => {
        server.close(resolve);
      });
    await Promise.all(servers.splice(0).map(closed));
  });

  it('is read from a server that speaks TLS at once, trusted or not', async () => {
    const port = await listening(createTlsServer(certificate, (socket) => socket.on('error', () => undefined)));
    expect((await certificateEnd({ host, port, start: 'atOnce' })).getUTCFullYear()).toBe(endYear);
  });

  it('is read from a mail server after STARTTLS', async () => {
    const port = await mailServer(certificate);
    expect((await certificateEnd({ host, port, start: 'smtp' })).getUTCFullYear()).toBe(endYear);
  });

  it('is read from PostgreSQL after its SSLRequest', async () => {
    const port = await listening(postgresWithTls());
    expect((await certificateEnd({ host, port, start: 'postgres' })).getUTCFullYear()).toBe(endYear);
  });

  it('is not found where TLS is refused', async () => {
    const port = await mailServer({ disabledCommands: ['STARTTLS'] });
    await expect(certificateEnd({ host, port, start: 'smtp' })).rejects.toThrow('offers no TLS');
    const { hostname, port: plain } = new URL(process.env['DATABASE_URL'] ?? '');
    const postgres = { host: hostname, port: Number(plain), start: 'postgres' } as const;
    await expect(certificateEnd(postgres)).rejects.toThrow('offers no TLS');
  });

  it.each(['atOnce', 'smtp', 'postgres'] as const)(
    'is not found where nobody listens or others do (%s)',
    async (start) => {
      const port = await listening(
        createServer(
          (socket) =>
            void socket
              .on('error', () => undefined)
              .resume()
              .end('hello'),
        ),
      );
      await expect(certificateEnd({ host, port, start })).rejects.toThrow();
      await expect(certificateEnd({ host, port: 1, start })).rejects.toThrow();
    },
  );
});
