import { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

describe('a gateway without SECRETS_KEY', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await (await sharedGateway()).beside({ SECRETS_KEY: '' });
  });

  afterAll(() => gateway.service.close());

  it('starts, and says why it keeps no secrets', async () => {
    const { client } = await gateway.client();
    const own = new Client(gateway.url, client.key);
    const body = { value: 'a secret that nobody keeps' };
    const answer = await own.call('/api/v1/secrets/billing', { method: 'PUT', body });
    expect([answer.status, answer.body]).toMatchObject([
      503,
      { code: 'secrets_not_configured', detail: expect.stringContaining('SECRETS_KEY is not set') as string },
    ]);
    expect((await own.get('/api/v1/secrets')).body).toEqual({ secrets: [] });
  });
});
