import { text } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { OutgoingFailed, OutgoingRefused } from '../src/index.js';
import { guarded, lookupIn } from './guarded.js';
import { Site } from './site.js';

let site: Site;
let proxy: Site;

beforeAll(async () => {
  proxy = await Site.start((_, answer) => answer.end('by a proxy'));
  site = await Site.start((asked, answer) => {
    const encoded = { gzip: gzipSync('täglich'), br: brotliCompressSync('täglich') };
    if (asked.url === '/gzip') answer.writeHead(200, { 'content-encoding': 'GZIP' }).end(encoded.gzip);
    else if (asked.url === '/br') answer.writeHead(200, { 'content-encoding': 'br' }).end(encoded.br);
    else if (asked.url === '/latin')
      answer.writeHead(200, { 'content-type': 'text/csv; charset="iso-8859-1"' }).end(Buffer.from('täglich', 'latin1'));
    else if (asked.url === '/odd')
      answer.writeHead(200, { 'content-type': 'text/csv; charset=klingon' }).end('täglich');
    else if (asked.url === '/head')
      answer.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 5_000_000 }).end();
    else if (asked.url === '/none') answer.writeHead(204, { 'set-cookie': ['a=1', 'b=2'] }).end();
    else
      void text(asked).then((body) => {
        answer
          .writeHead(404)
          .end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body }));
      });
  });
});

afterAll(async () => {
  await Promise.all([site.close(), proxy.close()]);
});

const client = (): ReturnType<typeof guarded> =>
  guarded({ sites: [site], allow: ['127.0.0.2'], lookup: lookupIn({ 'a.test': ['127.0.0.2'] }) });

const get = (path: string): ReturnType<ReturnType<typeof guarded>['request']> =>
  client().request(site.at('a.test', path));

describe('an answer', () => {
  it('is handed out whatever its status, to the request as it was made', async () => {
    const request = { method: 'PUT', body: Buffer.from('rows'), headers: { 'Content-Type': 'text/csv' } } as const;

    const answer = await client().request(new URL(site.at('a.test', '/x?y=1#z')), request);

    expect(answer).toMatchObject({ status: 404, ok: false, url: site.at('a.test', '/x?y=1') });
    expect(answer.json()).toMatchObject({
      method: 'PUT',
      url: '/x?y=1',
      body: 'rows',
      headers: {
        host: `a.test:${site.port}`,
        'content-type': 'text/csv',
        'content-length': '4',
        'user-agent': 'pulser',
      },
    });
  });

  it.each(['/gzip', '/br', '/latin', '/odd'])('is decoded and read by its charset: %s', async (path) => {
    expect((await get(path)).text()).toBe('täglich');
  });

  it('may have no body', async () => {
    expect(await get('/none')).toMatchObject({
      ok: true,
      headers: { 'set-cookie': 'a=1, b=2' },
      body: new Uint8Array(),
    });
    const head = await client().request(site.at('a.test', '/head'), { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: new Uint8Array() });
  });

  it('may set cookies, which no later request brings back', async () => {
    const own = client();
    await own.request(site.at('a.test', '/none'));

    expect((await own.request(site.at('a.test', '/x'))).text()).not.toContain('cookie');
  });

  it('does not come by a proxy of the environment', async () => {
    const variables = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
    for (const name of variables) process.env[name] = proxy.at('127.0.0.2');
    try {
      expect((await get('/gzip')).text()).toBe('täglich');
      expect(proxy.connections).toBe(0);
    } finally {
      for (const name of variables) Reflect.deleteProperty(process.env, name);
    }
  });
});

describe('an error', () => {
  it('says what was wrong and where, without the path, the query, the headers or an address', async () => {
    const secret = { headers: { authorization: 'Bearer secret' } };
    const refused = client().request('http://a.test:22/secret?key=secret#secret', secret);
    await expect(refused).rejects.toEqual(new OutgoingRefused('port_not_allowed', { origin: 'http://a.test:22' }));
    await expect(refused).rejects.toMatchObject({
      permanent: true,
      message: expect.not.stringContaining('secret') as unknown,
    });

    const failed = client().request('http://b.test/secret?key=secret', secret);
    await expect(failed).rejects.toMatchObject({
      name: 'OutgoingFailed',
      message: 'The host name does not exist (http://b.test)',
      permanent: true,
    });
  });

  it('is permanent only when the same again cannot help', () => {
    expect(new OutgoingFailed('connect_failed').permanent).toBe(false);
    expect(new OutgoingFailed('body_too_large').permanent).toBe(true);
  });

  it('names no bytes of a body that is not JSON', async () => {
    const answer = await get('/gzip');

    expect(() => answer.json()).toThrow(new OutgoingFailed('not_json', { origin: site.at('a.test', '') }));
  });
});
