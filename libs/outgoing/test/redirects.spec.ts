import { text } from 'node:stream/consumers';

import { codeOf, guarded, lookupIn } from './guarded.js';
import { Site } from './site.js';

let inside: Site;
let site: Site;

const lookup = lookupIn({ 'a.test': ['127.0.0.2'], 'b.test': ['127.0.0.2'], 'inside.test': ['127.0.0.1'] });

beforeAll(async () => {
  inside = await Site.start((_, answer) => answer.end('caught'), { host: '127.0.0.1' });
  // /<status>?<location> redirects, /count/<n> does so n times more, anything else tells what it was asked.
  site = await Site.start((asked, answer) => {
    const { pathname, search } = new URL(asked.url ?? '', 'http://x');
    const [, step = '', left = ''] = pathname.split('/');
    const location = decodeURIComponent(search.slice(1));
    if (step === 'count' && left !== '0') answer.writeHead(302, { location: `/count/${Number(left) - 1}` }).end();
    else if (/^3\d\d$/.test(step)) answer.writeHead(Number(step), location === '' ? {} : { location }).end('moved');
    else
      void text(asked).then((body) => {
        answer.end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body }));
      });
  });
});

afterAll(async () => {
  await Promise.all([inside.close(), site.close()]);
});

const client = (maxRedirects = 5): ReturnType<typeof guarded> =>
  guarded({ sites: [site, inside], allow: ['127.0.0.2'], lookup, maxRedirects });

describe('a redirect', () => {
  it('is followed, and the answer says where it came from', async () => {
    const answer = await client().request(site.at('a.test', `/302?${site.at('b.test', '/end%23x#fragment')}`));

    expect(answer.url).toBe(site.at('b.test', '/end'));
    expect(answer.json()).toMatchObject({ method: 'GET', headers: { host: `b.test:${site.port}` } });
  });

  it('takes no keys to another origin, but the body of a 307', async () => {
    const request = { method: 'POST', body: 'rows', headers: { Authorization: 'Bearer x', 'X-Key': 'y' } } as const;

    const answer = await client().request(site.at('a.test', `/307?${site.at('b.test')}`), request);

    expect(answer.json()).toMatchObject({ method: 'POST', body: 'rows' });
    expect(answer.text()).not.toMatch(/Bearer|x-key/);
  });

  it('takes the keys along within its origin, and turns a POST into a GET with 303', async () => {
    const request = { method: 'POST', body: 'rows', headers: { authorization: 'Bearer x' } } as const;

    const answer = await client().request(site.at('a.test', '/303?/end'), request);

    expect(answer.json()).toMatchObject({
      method: 'GET',
      url: '/end',
      body: '',
      headers: { authorization: 'Bearer x' },
    });
  });

  it('leads nowhere inside, at whatever step', async () => {
    const last = `/302?${encodeURIComponent(inside.at('inside.test'))}`;
    for (const location of [
      inside.at('127.0.0.1'),
      inside.at('0x7f.1'),
      site.at('b.test', last),
      'http://169.254.169.254/',
    ])
      expect(await codeOf(client().request(site.at('a.test', `/302?${encodeURIComponent(location)}`)))).toBe(
        'address_not_public',
      );
    expect(inside.connections).toBe(0);
  });

  it.each([
    ['ftp://a.test/', 'scheme_not_allowed'],
    ['file:///etc/passwd', 'scheme_not_allowed'],
    ['http://a.test:22/', 'port_not_allowed'],
    ['http://me:secret@a.test/', 'credentials_in_url'],
    ['http://[', 'redirect_invalid'],
  ])('to %s is not followed: %s', async (location, code) => {
    expect(await codeOf(client().request(site.at('a.test', `/302?${encodeURIComponent(location)}`)))).toBe(code);
  });

  it('is followed as often as the limit says', async () => {
    expect((await client(3).request(site.at('a.test', '/count/3'))).status).toBe(200);
    const before = site.connections;
    expect(await codeOf(client(3).request(site.at('a.test', '/count/4')))).toBe('too_many_redirects');
    expect(site.connections - before).toBe(4);
    expect(await codeOf(client(0).request(site.at('a.test', '/count/1')))).toBe('too_many_redirects');
  });

  it('is the answer when it is asked for, or when it names no place', async () => {
    const answer = await client().request(site.at('a.test', '/301?/end'), { redirect: 'manual' });
    expect(answer).toMatchObject({ status: 301, headers: { location: '/end' } });
    expect(answer.text()).toBe('moved');
    expect(await client().request(site.at('a.test', '/302'))).toMatchObject({ status: 302 });
  });

  it('is followed only where the caller approves of it', async () => {
    const hops: string[] = [];
    const approve = ({ hostname }: URL): void => {
      hops.push(hostname);
      if (hostname !== 'a.test') throw new Error('not there');
    };
    const before = site.connections;

    expect((await client().request(site.at('a.test', '/302?/end'), { approve })).status).toBe(200);
    const call = client().request(site.at('a.test', `/302?${site.at('b.test')}`), { approve });
    await expect(call).rejects.toThrow('not there');
    expect(hops).toEqual(['a.test', 'a.test', 'a.test', 'b.test']);
    expect(site.connections - before).toBe(3);
  });
});
