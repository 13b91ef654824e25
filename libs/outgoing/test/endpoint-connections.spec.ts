import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { certificate, loopbackCertificate } from '@pulser/testing';

import { EndpointClient, type EndpointOptions } from '../src/index.js';
import { Site } from './site.js';

const limits = { idleMs: 2_000, maxBytes: 1_000 };

const ask = async (url: string, options: Partial<EndpointOptions>): Promise<string> => {
  const client = new EndpointClient(url, { ...limits, ...options });
  try {
    return await (await client.fetch(url)).text();
  } finally {
    await client.destroy();
  }
};

describe('the connections of a client for one server', () => {
  it('go to the addresses that were checked, whatever its name resolves to', async () => {
    const site = await Site.start(({ headers }, answer) => answer.end(headers.host));
    const url = site.at('name.that.resolves.nowhere.test');
    expect(await ask(url, { addresses: ['127.0.0.2'] })).toBe(`name.that.resolves.nowhere.test:${site.port}`);
    await expect(ask(url, {})).rejects.toThrow();
    await expect(ask(url, { addresses: [] })).rejects.toThrow();
    await site.close();
  });

  it('go to a socket where there is one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'endpoint-'));
    const server: Server = createServer((_, answer) => answer.end('socket')).listen(join(folder, 'socket'));
    await once(server, 'listening');
    expect(await ask('http://localhost/', { socketPath: join(folder, 'socket') })).toBe('socket');
    server.close();
    await rm(folder, { recursive: true });
  });

  it('trust the authority of the caller alone, check the name, and show a certificate', async () => {
    const tls = { ...certificate, ca: loopbackCertificate.cert, requestCert: true, rejectUnauthorized: true };
    const site = await Site.start((_, answer) => answer.end('secret'), { tls });
    const url = site.at('files.test');
    const to = (parts: EndpointOptions['tls']) => ask(url, { addresses: ['127.0.0.2'], ...(parts && { tls: parts }) });
    const { cert, key } = loopbackCertificate;
    expect(await to({ ca: certificate.cert, cert, key })).toBe('secret');
    await expect(to({ ca: certificate.cert })).rejects.toThrow();
    await expect(to({ ca: loopbackCertificate.cert, cert, key })).rejects.toThrow();
    await expect(to(undefined)).rejects.toThrow();
    const elsewhere = ask(site.at('other.test'), {
      addresses: ['127.0.0.2'],
      tls: { ca: certificate.cert, cert, key },
    });
    await expect(elsewhere).rejects.toThrow();
    await site.close();
  });
});
