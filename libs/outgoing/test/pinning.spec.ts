import { codeOf, guarded, lookupIn } from './guarded.js';
import { Site } from './site.js';

/** Stands for a host of the Internet: its address is allowed. */
let outside: Site;
/** Another machine at the same port. */
let trap: Site;

const allow = ['127.0.0.2'];

beforeAll(async () => {
  outside = await Site.start(({ headers }, answer) => answer.end(headers.host), { host: '127.0.0.2' });
  trap = await Site.start((_, answer) => answer.end('caught'), { host: '127.0.0.1', port: outside.port });
});

afterAll(async () => {
  await Promise.all([trap.close(), outside.close()]);
});

/** One answer after the other for every name; the last one for ever. */
const changing = (...answers: string[][]): { lookup: () => Promise<string[]>; asked: string[] } => {
  const asked: string[] = [];
  const lookup = (host = ''): Promise<string[]> => {
    asked.push(host);
    return Promise.resolve(answers[asked.length - 1] ?? answers.at(-1) ?? []);
  };
  return { lookup, asked };
};

describe('a name that changes its address', () => {
  it('is looked up once, and asked at the address that was checked, by its name', async () => {
    const { lookup, asked } = changing(['127.0.0.2'], ['127.0.0.1']);

    const answer = await guarded({ sites: [outside], allow, lookup }).request(outside.at('rebinding.test'));

    expect(answer.text()).toBe(`rebinding.test:${outside.port}`);
    expect(asked).toEqual(['rebinding.test']);
    expect(trap.connections).toBe(0);
  });

  it('is checked again for every request', async () => {
    const { lookup } = changing(['127.0.0.2'], ['127.0.0.1']);
    const client = guarded({ sites: [outside], allow, lookup });

    expect((await client.request(outside.at('rebinding.test'))).status).toBe(200);
    expect(await codeOf(client.request(outside.at('rebinding.test')))).toBe('address_not_public');
    expect(trap.connections).toBe(0);
  });

  it('is checked again for every redirect to itself', async () => {
    const site = await Site.start((_, answer) => answer.writeHead(302, { location: '/again' }).end());
    const { lookup, asked } = changing(['127.0.0.2'], ['127.0.0.1']);

    const call = guarded({ sites: [site], allow, lookup }).request(site.at('rebinding.test'));

    expect(await codeOf(call)).toBe('address_not_public');
    expect([asked.length, site.connections]).toEqual([2, 1]);
    await site.close();
  });
});

describe('a name with several addresses', () => {
  it('is not asked at the good ones when one is bad', async () => {
    const before = outside.connections;
    for (const addresses of [
      ['127.0.0.2', '127.0.0.1'],
      ['10.0.0.1', '127.0.0.2'],
      ['127.0.0.2', '::1'],
    ]) {
      const { lookup } = changing(addresses);
      const call = guarded({ sites: [outside], allow, lookup }).request(outside.at('mixed.test'));
      expect(await codeOf(call)).toBe('address_not_public');
    }
    expect([outside.connections - before, trap.connections]).toEqual([0, 0]);
  });

  it('is asked at the next one when the first does not answer', async () => {
    const { lookup } = changing(['127.0.0.4', '127.0.0.2']);
    const client = guarded({ sites: [outside], allow: ['127.0.0.4', ...allow], lookup });

    expect((await client.request(outside.at('several.test'))).status).toBe(200);
  });
});

describe('the list of those who may be asked although they are private', () => {
  it('lets a named host through, and no other name of its address', async () => {
    const own = await Site.start((_, answer) => answer.end('models'), { host: '127.0.0.1' });
    const lookup = lookupIn({ 'models.internal': ['127.0.0.1'], 'x.models.internal': ['127.0.0.1'] });
    const client = guarded({ sites: [own], allow: ['models.internal'], lookup });

    expect((await client.request(own.at('MODELS.internal'))).text()).toBe('models');
    for (const host of ['x.models.internal', '127.0.0.1', '[::ffff:127.0.0.1]', '2130706433'])
      expect(await codeOf(client.request(own.at(host)))).toBe('address_not_public');
    expect(own.connections).toBe(1);
    await own.close();
  });

  it('does not let a named host lead to the metadata of the cloud', async () => {
    const lookup = lookupIn({ 'models.internal': ['169.254.169.254'] });
    const client = guarded({ sites: [], allow: ['models.internal'], lookup });

    expect(await codeOf(client.request('http://models.internal/'))).toBe('address_not_public');
  });
});

describe('a route', () => {
  it('is checked as a request is, and nothing is sent', async () => {
    const before = outside.connections;
    const { lookup } = changing(['127.0.0.1']);
    const client = guarded({ sites: [outside], allow, lookup });

    expect(await codeOf(client.route(outside.at('rebinding.test')))).toBe('address_not_public');
    expect(await codeOf(client.route('http://169.254.169.254/'))).toBe('address_not_public');
    expect(await codeOf(client.route('ftp://a.test/'))).toBe('scheme_not_allowed');
    expect([outside.connections - before, trap.connections]).toEqual([0, 0]);
  });

  it('takes requests to the addresses that it found, whatever the name means by then', async () => {
    const { lookup, asked } = changing(['127.0.0.2'], ['127.0.0.1']);
    const client = guarded({ sites: [outside], allow: ['127.0.0.1', ...allow], lookup });
    const via = await client.route(outside.at('rebinding.test', '/a?b'));

    expect(via).toEqual({ origin: outside.at('rebinding.test', ''), addresses: ['127.0.0.2'] });
    for (const path of ['/', '/again'])
      expect((await client.request(outside.at('rebinding.test', path), { via })).text()).toBe(
        `rebinding.test:${outside.port}`,
      );
    expect(asked).toEqual(['rebinding.test']);
  });
});

describe('an origin that is open', () => {
  it('is asked at its port alone, under its name alone', async () => {
    const own = await Site.start((_, answer) => answer.end('api'), { host: '127.0.0.1' });
    const other = await Site.start((_, answer) => answer.end('caught'), { host: '127.0.0.1' });
    const lookup = lookupIn({ 'api.test': ['127.0.0.1'] });
    // Neither port is open in general.
    const client = guarded({ sites: [], lookup, origins: [own.at('127.0.0.1', '')] });

    expect((await client.request(own.at('127.0.0.1', '/docs'))).text()).toBe('api');
    expect((await client.request(own.at('0x7f.1', '/docs'))).text()).toBe('api');
    expect(await codeOf(client.request(other.at('127.0.0.1')))).toBe('port_not_allowed');
    expect(await codeOf(client.request(own.at('api.test')))).toBe('port_not_allowed');
    expect(await codeOf(client.request(own.at('127.0.0.1').replace('http:', 'https:')))).toBe('port_not_allowed');
    expect([own.connections, other.connections]).toEqual([2, 0]);
    await Promise.all([own.close(), other.close()]);
  });

  it('does not lead to the metadata of the cloud by its name', async () => {
    const lookup = lookupIn({ 'api.test': ['169.254.169.254'] });
    const client = guarded({ sites: [], lookup, origins: ['http://api.test:8000'] });

    expect(await codeOf(client.request('http://api.test:8000/'))).toBe('address_not_public');
  });
});
