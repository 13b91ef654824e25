import { type RunningService, type ServiceDefinition, startService } from '@pulser/service-kit';

import { gateway, type GatewayEnv } from '../../src/index.js';
import { Client } from '../client.js';
import { gatewayEnv } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

describe('what the gateway serves', () => {
  const served: string[] = [];
  let service: RunningService;

  const listening: ServiceDefinition<GatewayEnv> = {
    ...gateway,
    configure: (app, env) => {
      const server = app.getHttpAdapter().getInstance();
      server.addHook('onRoute', ({ method, url }) => {
        for (const one of [method].flat()) served.push(`${one.toLowerCase()} ${url}`);
      });
      return gateway.configure?.(app, env);
    },
  };

  beforeAll(async () => {
    const { database, broker } = await sharedGateway();
    service = await startService(listening, { env: gatewayEnv(database, broker) });
  });

  afterAll(() => service.close());

  const methods = /^(get|post|put|patch|delete) /;

  it('is documented, if it is of the API', async () => {
    const { body } = await new Client(service.url ?? '', undefined).get<{ paths: Record<string, object> }>(
      '/docs-json',
    );
    const documented = Object.entries(body.paths).flatMap(([path, of]) =>
      Object.keys(of).map((one) => `${one} ${path}`),
    );
    const ofApi = served.filter((route) => methods.test(route) && route.includes(' /api/'));
    expect(ofApi.map((route) => route.replaceAll(/:(\w+)/g, '{$1}')).sort()).toEqual(documented.sort());
  });

  // `/mcp` is another protocol, so it is not in the document of the API. It asks for a key all the same.
  it('is else what everybody may read, and the way to MCP', () => {
    const others = served.filter((route) => methods.test(route) && !/ \/(?:api\/|mcp$)/.test(route));
    expect(others.filter((route) => !/^get \/(?:$|(?:health|metrics|docs|ui)\b)/.test(route))).toEqual([]);
    expect(others).toContain('get /health');
  });
});
