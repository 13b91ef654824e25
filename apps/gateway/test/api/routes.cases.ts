import type { GatewayUnderTest } from '../gateway-under-test.js';
import { RouteScene, type Told } from '../route-scene.js';
import { type CallerName, callers, routeVerdicts } from '../route-verdicts.js';
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

const ownRoutes = [...wanted.keys()].filter((route) => route.includes('{id}'));

const cells = [...wanted.keys()].flatMap((route) =>
  callers.map((caller, column): [CallerName, string, string] => [caller, route, wanted.get(route)?.[column] ?? '']),
);

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
    if (caller === 'stranger') for (const id of scene.owned) expect(told.text).not.toContain(id);
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
