import { type HostLookup, OutgoingFailed, OutgoingRefused } from '../src/index.js';
import { codeOf, guarded } from './guarded.js';
import { Site } from './site.js';
import { names, tricks } from './tricks.js';

const families = Object.entries(tricks(1)).map(([family, urls]) => [urls.length, family] as const);
const trickCount = families.reduce((sum, [count]) => sum + count, 0) + Object.keys(names).length;
// Whatever else is taken for a name leads inside too.
const lookup: HostLookup = (host) => Promise.resolve(names[host] ?? ['127.0.0.1']);

let trap: Site;
let forwarder: Site;
/** Where the forwarder would be if its name meant something else. */
let neighbour: Site;
let tried = 0;

beforeAll(async () => {
  // Every address of this machine, of both families.
  trap = await Site.start((_, answer) => answer.end('caught'), { host: '::' });
  // Written by hand: Node's server refuses to send some of these Locations.
  forwarder = await Site.start(({ url = '' }, answer) => {
    const to = new URL(url, 'http://x').searchParams.get('to');
    if (to === null) answer.end('stayed');
    else answer.socket?.end(`HTTP/1.1 302 Found\r\nlocation: ${to}\r\ncontent-length: 0\r\n\r\n`);
  });
  neighbour = await Site.start((_, answer) => answer.end('caught'), { host: '127.0.0.1', port: forwarder.port });
});

afterAll(async () => {
  await Promise.all([trap.close(), forwarder.close(), neighbour.close()]);
  const connections = trap.connections + neighbour.connections;
  process.stdout.write(`Outgoing: ${trickCount} tricks in ${tried} requests made ${connections} connections.\n`);
});

const end = (call: Promise<unknown>): Promise<unknown> => {
  tried += 1;
  return call.catch((error: unknown) => error);
};

const ofFamily = (family: string): readonly string[] => tricks(trap.port)[family] ?? [];

describe('a URL that leads inside', () => {
  it.each(families)('makes no connection in %i tries: %s', async (count, family) => {
    const client = guarded({ sites: [trap], lookup });

    const ends = await Promise.all(ofFamily(family).map(async (url) => [url, await end(client.request(url))] as const));

    expect(ends.filter(([, refused]) => !(refused instanceof OutgoingRefused))).toEqual([]);
    expect([ends.length, trap.connections]).toEqual([count, 0]);
  });

  it.each(families)('makes no connection in %i redirects: %s', async (count, family) => {
    const client = guarded({ sites: [trap, forwarder], lookup, allow: ['127.0.0.2'] });
    const ask = async (to: string): Promise<unknown> =>
      client.request(forwarder.at('127.0.0.2', `/?to=${encodeURIComponent(to)}`)).then(({ url }) => new URL(url).host);

    const ends = await Promise.all(ofFamily(family).map((to) => end(ask(to))));

    // Some are relative to the forwarder, others no Location at all.
    const harmless = (host: unknown): boolean =>
      host instanceof OutgoingRefused || host instanceof OutgoingFailed || host === `127.0.0.2:${forwarder.port}`;
    expect(ends.filter((host) => !harmless(host))).toEqual([]);
    expect([ends.length, trap.connections]).toEqual([count, 0]);
  });
});

describe('a name that means another address at every look-up', () => {
  it.each(Object.entries(names))('makes no connection: %s', async (_, addresses) => {
    const answers = [['127.0.0.2'], addresses];
    const changing = (): Promise<readonly string[]> => Promise.resolve(answers.shift() ?? addresses);
    const client = guarded({ sites: [forwarder], allow: ['127.0.0.2'], lookup: changing });

    const refused = await end(client.request(forwarder.at('rebinding.test', '/?to=/')));

    expect(refused).toEqual(new OutgoingRefused('address_not_public', { origin: forwarder.at('rebinding.test', '') }));
    expect(neighbour.connections).toBe(0);
  });
});

describe('all these tricks', () => {
  it('are many different ones, and none of them made a connection', () => {
    const urls = Object.values(tricks(1)).flat();
    expect(new Set(urls).size).toBe(urls.length);
    expect(trickCount).toBeGreaterThan(500);
    expect(trap.connections + neighbour.connections).toBe(0);
  });
});

describe('the trap', () => {
  it('is not reached by the name server of this machine either', async () => {
    const client = guarded({ sites: [trap] });

    expect(await codeOf(client.request(trap.at('localhost')))).toBe('address_not_public');
    expect(await codeOf(client.request(trap.at('LocalHost')))).toBe('address_not_public');
    expect(trap.connections).toBe(0);
  });

  it('hears everybody who is let in', async () => {
    const own = await Site.start((_, answer) => answer.end('caught'), { host: '::' });
    const client = guarded({ sites: [own], lookup, allow: ['127.0.0.0/8', '::1', '::ffff:0:0/96'] });

    const hosts = ['127.0.0.1', '[::1]', '0x7f.1', 'inside.test', 'six.test', 'mapped.test', '[::ffff:127.0.0.1]'];
    for (const host of hosts) expect((await client.request(own.at(host))).text()).toBe('caught');

    expect(own.connections).toBe(hosts.length);
    await own.close();
  });
});
