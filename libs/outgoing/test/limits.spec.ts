import type { ServerResponse } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { eventually } from '@pulser/testing';

import type { OutgoingRules } from '../src/index.js';
import { codeOf, guarded } from './guarded.js';
import { Site } from './site.js';

const limit = 100_000;
const bomb = Buffer.alloc(5_000_000);

const repeat = (answer: ServerResponse, send: () => void): void => {
  const timer = setInterval(send, 20);
  answer.on('close', () => {
    clearInterval(timer);
  });
};

const pages: Readonly<Record<string, (answer: ServerResponse) => void>> = {
  '/exact': (answer) => answer.end(Buffer.alloc(limit)),
  '/declared': (answer) => answer.writeHead(200, { 'content-length': limit + 1 }).write('x'),
  '/chunked': (answer) => {
    answer.write('');
    answer.end(Buffer.alloc(limit + 1));
  },
  '/endless': (answer) => {
    repeat(answer, () => answer.write(Buffer.alloc(10_000)));
  },
  '/gzip-bomb': (answer) => answer.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bomb)),
  '/brotli-bomb': (answer) => answer.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(bomb)),
  '/gzip-of-nothing': (answer) => {
    const nothing = gzipSync('');
    answer.writeHead(200, { 'content-encoding': 'gzip' });
    repeat(answer, () => answer.write(Buffer.concat(Array.from({ length: 1_000 }, () => nothing))));
  },
  '/twice': (answer) => answer.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(gzipSync(gzipSync('x'))),
  '/unknown': (answer) => answer.writeHead(200, { 'content-encoding': 'zstd' }).end('x'),
  '/cut-gzip': (answer) =>
    answer.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(99)).subarray(0, 15)),
  '/cut': (answer) => {
    answer.writeHead(200, { 'content-length': 10 });
    answer.write('x', () => answer.destroy());
  },
  '/headers': (answer) => answer.writeHead(200, { 'x-large': 'x'.repeat(20_000) }).end(),
  '/silent': () => undefined,
  '/stops': (answer) => answer.write('x'),
  '/drips': (answer) => {
    repeat(answer, () => answer.write('x'));
  },
  '/drips-headers': (answer) => {
    answer.socket?.write('HTTP/1.1 200 OK\r\nx: ');
    repeat(answer, () => answer.socket?.write('x'));
  },
  '/garbage': (answer) => answer.socket?.end('SSH-2.0-OpenSSH\r\n'),
};

let site: Site;

beforeAll(async () => {
  site = await Site.start(({ url = '' }, answer) => pages[url]?.(answer));
});

afterAll(async () => site.close());

const end = async (path: string, rules: Partial<OutgoingRules> = {}): Promise<unknown> => {
  const client = guarded({ sites: [site], allow: ['127.0.0.2'], maxBytes: limit, ...rules });
  return codeOf(client.request(site.at('127.0.0.2', path)).then(({ body }) => body.length));
};

describe('an answer', () => {
  it('may be as large as the limit, and no larger, however it comes', async () => {
    expect(await end('/exact')).toBe(limit);
    for (const path of ['/declared', '/chunked', '/endless']) expect(await end(path)).toBe('body_too_large');
  });

  it('may not grow over the limit by decompression', async () => {
    for (const path of ['/gzip-bomb', '/brotli-bomb', '/gzip-of-nothing'])
      expect(await end(path)).toBe('body_too_large');
  });

  it('is read in encodings that were asked for only', async () => {
    for (const path of ['/twice', '/unknown']) expect(await end(path)).toBe('encoding_not_supported');
  });

  it('may not have endless headers', async () => {
    expect(await end('/headers')).toBe('headers_too_large');
  });

  it('may not be cut off, or be something else than HTTP', async () => {
    expect(await end('/cut')).toBe('connection_lost');
    for (const path of ['/cut-gzip', '/garbage']) expect(await end(path)).toBe('not_http');
  });

  it('may not be silent', async () => {
    for (const path of ['/silent', '/stops']) expect(await end(path, { idleMs: 200 })).toBe('timed_out');
  });

  it('may not take for ever, however busy it is', async () => {
    for (const path of ['/drips', '/drips-headers', '/silent', '/stops'])
      expect(await end(path, { timeoutMs: 300 })).toBe('timed_out');
  });

  it('leaves no connection behind, whatever happened to it', async () => {
    await eventually(() => {
      expect(site.open).toBe(0);
    });
  });
});

describe('a limit of one call', () => {
  it('is the smaller one of the call and the client', async () => {
    const client = guarded({ sites: [site], allow: ['127.0.0.2'], maxBytes: limit, timeoutMs: 3_000 });
    const ask = (path: string, own: { maxBytes?: number; timeoutMs?: number }): Promise<unknown> =>
      codeOf(client.request(site.at('127.0.0.2', path), own));

    expect(await ask('/exact', { maxBytes: limit - 1 })).toBe('body_too_large');
    expect(await ask('/chunked', { maxBytes: limit * 2 })).toBe('body_too_large');
    expect(await ask('/drips', { timeoutMs: 60_000 })).toBe('timed_out');
  });
});

describe('a caller who does not want the answer any more', () => {
  it.each(['/silent', '/drips', '/drips-headers'])(
    'gets its own reason, and the connection is closed: %s',
    async (path) => {
      const stop = new AbortController();
      const client = guarded({ sites: [site], allow: ['127.0.0.2'] });
      const before = site.connections;

      const call = codeOf(client.request(site.at('127.0.0.2', path), { signal: stop.signal }));
      await eventually(() => {
        expect(site.connections).toBe(before + 1);
      });
      stop.abort(Object.assign(new Error('enough'), { code: 'enough' }));

      expect(await call).toBe('enough');
      await eventually(() => {
        expect(site.open).toBe(0);
      });
    },
  );

  it('makes no connection when it has stopped before, nor while a name is looked up', async () => {
    const stop = new AbortController();
    const before = site.connections;
    const lookup = (): Promise<string[]> => {
      stop.abort(Object.assign(new Error('enough'), { code: 'enough' }));
      return Promise.resolve(['127.0.0.2']);
    };
    const client = guarded({ sites: [site], allow: ['127.0.0.2'], lookup });

    const ask = (): Promise<unknown> => codeOf(client.request(site.at('a.test', '/exact'), { signal: stop.signal }));
    expect([await ask(), await ask()]).toEqual(['enough', 'enough']);
    expect(site.connections).toBe(before);
  });

  it('does not wait for a name server that never answers', async () => {
    const client = guarded({ sites: [site], timeoutMs: 100, lookup: () => new Promise(() => undefined) });

    expect(await codeOf(client.request(site.at('a.test', '/exact')))).toBe('timed_out');
  });
});
