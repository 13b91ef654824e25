import type { GatewayUnderTest } from '../gateway-under-test.js';
import { RouteScene, type Told } from '../route-scene.js';
import { type CallerName, callers, pageVerdicts, routeVerdicts } from '../route-verdicts.js';
import { sharedGateway } from '../shared-gateway.js';

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const [head = '', ...rows] = routeVerdicts.trim().split('\n');

const wanted: ReadonlyMap<string, readonly string[]> = new Map(
  rows.map((row) => {
    const [method = '', path = '', ...verdicts] = row.split(/ +/);
    return [`${method} ${path}`, verdicts];
  }),
);

// A tenant has no incidents: each is told the same of all of them.
const ownRoutes = [...wanted.keys()].filter((route) => route.includes('{id}') && !route.includes('/incidents/'));

const cells = [...wanted.keys()].flatMap((route) =>
  callers.map((caller, column): [CallerName, string, string] => [caller, route, wanted.get(route)?.[column] ?? '403']),
);

/** For keys of the installation alone, or for everybody. */
const isOfAll = (route: string): boolean =>
  /\/(installation|incidents|scaling|mcp\/pins|destinations|deliveries)\b/.test(route);

/** For keys of the installation alone. */
const isOfInstallation = (route: string): boolean => /\/(installation|incidents|mcp\/pins)\b/.test(route);

const verdictOf = ({ status }: Told): string => (status >= 200 && status < 300 ? 'ok' : String(status));

describe('every route, for every caller', () => {
  let gateway: GatewayUnderTest;
  let scene: RouteScene;
  const seen = new Map<string, string[]>();

  beforeAll(async () => {
    gateway = await sharedGateway();
    scene = await RouteScene.at(gateway);
  });

  afterAll(() => {
    const line = (route: string, verdicts: readonly string[]) =>
      `${route.padEnd(45)}${verdicts.map((verdict) => verdict.padEnd(9)).join('')}`.trimEnd();
    const table = [line('', callers), ...[...seen].map(([route, verdicts]) => line(route, verdicts))];
    process.stdout.write(`${table.join('\n')}\n${[...seen.values()].flat().length} cells\n`);
  });

  it('is in the table, and nothing else is', async () => {
    const { paths } = (await gateway.stranger.get<OpenApi>('/docs-json')).body;
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect([...wanted.keys()].sort()).toEqual(documented.sort());
    expect(wanted.size).toBe(rows.length);
    expect(head.trim().split(/ +/)).toEqual(callers);
  });

  it.each(cells)('%s, %s: %s', async (caller, route, verdict) => {
    const told = await scene.ask(caller, route);
    seen.set(route, [...(seen.get(route) ?? []), verdictOf(told)]);
    expect(verdictOf(told)).toBe(verdict);
    if (caller.startsWith('of-all') && !isOfAll(route) && verdict === '403')
      expect(told.text).toContain('tenant_required');
    if (!caller.startsWith('of-all') && isOfInstallation(route) && verdict === '403')
      expect(told.text).toContain('installation_key_required');
    // What operators asked for in vain stands in their own trail.
    const mayRepeat = route === 'get /api/v1/installation/audit' || route === 'get /api/v1/incidents';
    if (caller === 'stranger' || (caller.startsWith('of-all') && !mayRepeat))
      for (const id of scene.owned) expect(told.text).not.toContain(id);
  });

  it.each(ownRoutes)(
    'tells a stranger the same, byte for byte, of what is another’s and of nothing: %s',
    async (route) => {
      const [anothers, nobodys] = await scene.askStranger(route);
      expect(anothers).toEqual(nobodys);
      expect(anothers.status).toBe(404);
      expect(anothers.text).toContain('not_found');
    },
  );
});

describe('every route, for every caller on a page with a session', () => {
  let scene: RouteScene;

  beforeAll(async () => {
    scene = await RouteScene.at(await sharedGateway());
  });

  const loggedIn = cells.filter(([caller]) => caller !== 'nobody');

  it.each(loggedIn)('%s, %s: %s', async (caller, route, verdict) => {
    const told = await scene.askAsPage(caller, route);
    expect(verdictOf(told)).toBe(pageVerdicts[route] ?? verdict);
    // The trail of operators names what they were refused.
    const names = ['get /api/v1/installation/audit', 'get /api/v1/incidents'];
    const mayRepeat = caller.startsWith('of-all') && names.includes(route);
    if (caller === 'stranger' || (caller.startsWith('of-all') && !mayRepeat))
      for (const id of scene.owned) expect(told.text).not.toContain(id);
  });

  // A code or a signature is proof enough: whoever has it needs no cookie.
  const withoutCookie = ['post /api/v1/destinations/confirm', 'post /api/v1/hooks/{name}'];
  const unsafe = [...wanted.keys()].filter((route) => !route.startsWith('get ') && !withoutCookie.includes(route));
  const byOtherSites = unsafe.flatMap((route) =>
    (['admin', 'of-all-admin'] as const).map((caller): [string, CallerName] => [route, caller]),
  );

  it.each(byOtherSites)(
    'is refused when a page of another site sends it: %s, with the cookie of %s',
    async (route, caller) => {
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'none', origin: 'https://evil.example' },
      ]) {
        const told = await scene.askAsPage(caller, route, headers);
        expect([told.status, told.text]).toEqual([403, expect.stringContaining('cross_site_request')]);
      }
    },
  );
});
