import type { Call, Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { type Route, routesOf } from '../open-api.js';
import { RouteScene } from '../route-scene.js';
import { sharedGateway } from '../shared-gateway.js';

const changing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

const nothings: readonly (readonly [string, Pick<Call, 'body' | 'headers'>])[] = [
  ['nothing', {}],
  ['nothing, announced as JSON', { body: '' }],
  [
    'nothing, announced as a form, as `curl -d ""` does',
    { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  ],
];

const withIds = (path: string): string =>
  path
    .replace('{id}', '019a0000-0000-7000-8000-000000000000')
    .replace('settings/{name}', 'settings/allowed-hosts')
    .replace('tools/{name}', 'tools/plain__echo')
    .replace('{name}', 'sales');

/** Whether a route is for keys of the installation alone. */
const isOfInstallation = (path: string): boolean => /\/(installation|incidents|mcp\/pins)\b/.test(path);

describe('a request without a body', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let operator: Client;
  let scene: RouteScene;
  let routes: readonly Route[];

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client } = await gateway.client());
    ({ client: operator } = await gateway.operator());
    scene = await RouteScene.at(gateway);
    routes = (await routesOf(client)).filter(({ method }) => changing.has(method));
  });

  it('is documented as all that is needed exactly where no member is required', () => {
    const bodies = routes.flatMap(({ path, body }) => (body === undefined ? [] : [[path, body] as const]));
    expect(bodies.map(([path, { isRequired }]) => [path, isRequired])).toEqual(
      bodies.map(([path, { hasRequired }]) => [path, hasRequired]),
    );
  });

  it.each(nothings)('does what it is for where none is required: %s', async (_, call) => {
    const optional = routes.filter(({ body, isStream }) => body?.isRequired !== true && isStream !== true);
    for (const { method, path } of optional) {
      const caller = isOfInstallation(path) ? 'of-all-admin' : 'admin';
      const { status, text } = await scene.askWith(caller, `${method.toLowerCase()} ${path}`, call);
      expect([path, status < 300, text]).toEqual([path, true, text]);
    }
    expect(optional.length).toBeGreaterThan(6);
  });

  it('is refused where one is required, and says so', async () => {
    for (const { path, method } of routes.filter(({ body }) => body?.isRequired === true)) {
      const call = { method, body: '' };
      const answer = await (isOfInstallation(path) ? operator : client).call(withIds(path), call);
      expect([path, answer.body]).toMatchObject([path, { status: 400, code: 'invalid_json', detail: 'It is empty' }]);
    }
  });

  it('may be chunks without a byte, and not with one', async () => {
    const chunks = (...texts: string[]): ReadableStream => ReadableStream.from(texts.map((text) => Buffer.from(text)));
    const pause = async (body: ReadableStream, type: string): Promise<number> => {
      const headers = { authorization: `Bearer ${client.key ?? ''}`, 'content-type': type };
      const init = { method: 'POST', body, headers, duplex: 'half' } as const;
      return (await fetch(`${gateway.url}/api/v1/agents/maya/pause`, init)).status;
    };
    expect(await pause(chunks(), 'application/json')).toBe(200);
    expect(await pause(chunks(), 'text/plain')).toBe(200);
    expect(await pause(chunks('{}'), 'text/plain')).toBe(415);
  });
});
