import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { certificate } from '@pulser/testing';

import { codeOf, guarded, lookupIn } from './guarded.js';
import { Site } from './site.js';

const lookup = lookupIn({ 'files.test': ['127.0.0.2'], 'other.test': ['127.0.0.2'] });

let site: Site;
let plain: Site;

beforeAll(async () => {
  plain = await Site.start((_, answer) => answer.end('plain'));
  site = await Site.start(
    ({ socket, url }, answer) => {
      if (url === '/down') answer.writeHead(302, { location: plain.at('files.test') }).end();
      else answer.end('servername' in socket ? socket.servername : undefined);
    },
    { tls: certificate },
  );
});

afterAll(async () => {
  await Promise.all([site.close(), plain.close()]);
});

const ask = (url: string): Promise<unknown> => {
  const client = guarded({ sites: [site, plain], allow: ['127.0.0.2'], lookup });
  return codeOf(client.request(url).then((answer) => answer.text()));
};

describe('a server without a certificate that is trusted', () => {
  it('is not talked to', async () => {
    expect(await ask(site.at('files.test'))).toBe('certificate_invalid');
  });

  it('does not get as far as its answer when it speaks no TLS', async () => {
    expect(await ask(plain.at('files.test').replace('http:', 'https:'))).toBe('connect_failed');
  });
});

describe('a server whose certificate is trusted', () => {
  const before = getCACertificates('default');

  beforeAll(() => {
    setDefaultCACertificates([...before, certificate.cert]);
  });

  afterAll(() => {
    setDefaultCACertificates(before);
  });

  it('is asked by its name, though the connection goes to the address that was checked', async () => {
    expect(await ask(site.at('files.test'))).toBe('files.test');
  });

  it('has to have the name that was asked for', async () => {
    expect(await ask(site.at('other.test'))).toBe('certificate_invalid');
    expect(await ask(site.at('127.0.0.2'))).toBe('certificate_invalid');
  });

  it('leads nowhere without TLS', async () => {
    expect(await ask(site.at('files.test', '/down'))).toBe('redirect_downgrade');
    expect(plain.connections).toBe(1);
  });
});
