import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { measureScaling, scalingOfDash } from '../measure-scaling.js';
import { sharedGateway } from '../shared-gateway.js';

describe('the signal by which workers are added', () => {
  let gateway: GatewayUnderTest;
  let operator: Client;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client: operator } = await gateway.operator('viewer'));
    await measureScaling(gateway, operator);
  });

  it('is one number for each agent, with what it was made of', async () => {
    expect((await operator.get('/api/v1/scaling/dash')).body).toEqual(scalingOfDash);
  });

  it('is not there for an agent that no router knows', async () => {
    expect(await operator.get('/api/v1/scaling/nobody')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('is not for tenants, who share the workers', async () => {
    const { client } = await gateway.client('acme');
    expect((await client.get('/api/v1/scaling/dash')).body).toMatchObject({ code: 'installation_key_required' });
  });
});

describe('a gateway that hears of no router', () => {
  it('says that it does not know, and when to ask again: no figure is taken for "no workers"', async () => {
    const beside = await (await sharedGateway()).beside();
    try {
      const { client } = await beside.operator('viewer');
      const answer = await client.get('/api/v1/scaling/dash');
      expect(answer).toMatchObject({ status: 503, body: { code: 'scaling_unknown' } });
      expect(answer.headers.get('retry-after')).toBe('5');
    } finally {
      await beside.service.close();
    }
  });
});
