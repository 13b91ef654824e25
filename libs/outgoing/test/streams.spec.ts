import type { ServerResponse } from 'node:http';

import { eventually } from '@pulser/testing';

import { fetchOver, type OutgoingRules } from '../src/index.js';
import { codeOf, guarded } from './guarded.js';
import { Site } from './site.js';

let site: Site;
let release = (): void => undefined;

const pages: Readonly<Record<string, (answer: ServerResponse) => void>> = {
  '/two': (answer) => {
    answer.writeHead(201, { 'content-type': 'text/plain' });
    answer.write('one');
    release = () => answer.end('two');
  },
  '/many': (answer) => {
    answer.writeHead(200);
    const timer = setInterval(() => answer.write('x'.repeat(1_000)), 5);
    answer.on('close', () => {
      clearInterval(timer);
    });
  },
  '/half': (answer) => {
    answer.writeHead(200, { 'content-length': 10 });
    answer.write('half', () => answer.destroy());
  },
  '/silent': (answer) => answer.writeHead(200).write('x'),
  '/away': (answer) => answer.writeHead(302, { location: 'http://127.0.0.3/' }).end(),
  '/nothing': (answer) => answer.writeHead(204).end(),
};

beforeAll(async () => {
  site = await Site.start(({ url = '' }, answer) => pages[url]?.(answer));
});

afterAll(async () => site.close());

const client = (rules: Partial<OutgoingRules> = {}) => guarded({ sites: [site], allow: ['127.0.0.2'], ...rules });

const read = async (path: string, rules: Partial<OutgoingRules> = {}): Promise<unknown> =>
  codeOf(
    (async () => {
      let text = '';
      for await (const bytes of await client(rules).open(site.at('127.0.0.2', path)))
        text += Buffer.from(bytes).toString();
      return text;
    })(),
  );

describe('a stream', () => {
  it('is read while it comes', async () => {
    const stream = await client().open(site.at('127.0.0.2', '/two'));
    expect(stream.status).toBe(201);
    const parts = stream[Symbol.asyncIterator]();
    expect(Buffer.from((await parts.next()).value as Uint8Array).toString()).toBe('one');
    release();
    expect(Buffer.from((await parts.next()).value as Uint8Array).toString()).toBe('two');
    expect((await parts.next()).done).toBe(true);
  });

  it('goes where a request may go, and nowhere else', async () => {
    expect(await codeOf(guarded({ sites: [site] }).open(site.at('127.0.0.2', '/two')))).toBe('address_not_public');
    expect(await codeOf(client().open('ftp://127.0.0.2/'))).toBe('scheme_not_allowed');
    expect(await codeOf(client().open(site.at('127.0.0.2'), { headers: { host: 'x' } }))).toBe('header_not_allowed');
  });

  it('follows no redirect', async () => {
    const stream = await client().open(site.at('127.0.0.2', '/away'));
    expect(stream.status).toBe(302);
    await stream.close();
  });

  it('keeps the limits of size, silence and time, and says when it was cut', async () => {
    expect(await read('/many', { maxBytes: 5_000 })).toBe('body_too_large');
    expect(await read('/many', { timeoutMs: 200 })).toBe('timed_out');
    expect(await read('/silent', { timeoutMs: 200 })).toBe('timed_out');
    expect(await read('/silent', { idleMs: 200 })).toBe('timed_out');
    expect(await read('/half')).toBe('connection_lost');
  });

  it('ends with the signal of its caller, for its reason', async () => {
    const controller = new AbortController();
    const stream = await client().open(site.at('127.0.0.2', '/many'), { signal: controller.signal });
    const parts = stream[Symbol.asyncIterator]();
    await parts.next();
    controller.abort(new Error('enough'));
    await expect(
      (async () => {
        while (!(await parts.next()).done);
      })(),
    ).rejects.toThrow('enough');
  });

  it('leaves no connection behind, also when nobody reads it to its end', async () => {
    const stream = await client().open(site.at('127.0.0.2', '/many'));
    for await (const bytes of stream) if (bytes.length > 0) break;
    const unread = await client().open(site.at('127.0.0.2', '/many'));
    await unread.close();
    await eventually(() => {
      expect(site.open).toBe(0);
    });
  });
});

describe('fetch over a client', () => {
  it('answers as the global one, under the checks of the client', async () => {
    const fetch = fetchOver(client());
    const answer = await fetch(site.at('127.0.0.2', '/two'), { headers: { 'content-length': '0', 'x-a': 'b' } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('text/plain');
    release();
    expect(await answer.text()).toBe('onetwo');
    expect((await fetch(site.at('127.0.0.2', '/nothing'))).status).toBe(204);
    expect(await codeOf(fetchOver(guarded({ sites: [site] }))(site.at('127.0.0.2', '/two')))).toBe(
      'address_not_public',
    );
  });

  it('closes the connection when its body is cancelled', async () => {
    const answer = await fetchOver(client())(site.at('127.0.0.2', '/many'));
    await answer.body?.cancel();
    await eventually(() => {
      expect(site.open).toBe(0);
    });
  });
});
