import { createHash } from 'node:crypto';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const put = (client: Client, name: string, body: string) =>
  client.call(`/api/v1/datasets/${name}`, { method: 'PUT', body, headers: { 'content-type': 'text/csv' } });

describe('a file that is sent', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await (await sharedGateway()).beside({ DATASET_MAX_BYTES: '1000', CONTENT_QUOTA_BYTES: '2500' });
    await gateway.worker.register('data_pipeline');
  });

  afterAll(() => gateway.service.close());

  const kept = async (tenantId: string): Promise<number> => gateway.worker.contents.used(tenantId);

  it('may be no larger than the installation says, announced or not', async () => {
    const { client, tenantId } = await gateway.client('large');
    const tooLarge = { status: 413, body: { code: 'payload_too_large', limit_bytes: 1_000 } };
    expect(await put(client, 'a', 'x'.repeat(1_001))).toMatchObject(tooLarge);
    const chunks = ReadableStream.from(Array.from({ length: 11 }, () => Buffer.alloc(100, 'x')));
    const answer = await fetch(`${gateway.url}/api/v1/datasets/a`, {
      method: 'PUT',
      body: chunks,
      headers: { authorization: `Bearer ${client.key ?? ''}` },
      duplex: 'half',
    });
    expect([answer.status, await answer.json()]).toMatchObject([tooLarge.status, tooLarge.body]);
    expect(await kept(tenantId)).toBe(0);
    expect((await put(client, 'a', 'x'.repeat(1_000))).status).toBe(202);
  });

  it('must have room in the quota of the tenant, or in its own', async () => {
    const { client, tenantId } = await gateway.client('crowded');
    for (const letter of ['a', 'b']) expect((await put(client, 'a', letter.repeat(1_000))).status).toBe(202);
    const refused = await put(client, 'a', 'c'.repeat(501));
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'content_quota_exceeded', quota_bytes: 2_500, used_bytes: 2_000 },
    });
    // One that is there takes no room, when the client says which it is.
    const digest = createHash('sha256').update('a'.repeat(1_000)).digest('base64');
    const headers = { 'content-digest': `sha-256=:${digest}:` };
    const known = await client.call('/api/v1/datasets/b', { method: 'PUT', body: 'a'.repeat(1_000), headers });
    expect(known.status).toBe(202);
    expect(await kept(tenantId)).toBe(2_000);
    await gateway.database.query('update tenant set max_content_bytes = 3000 where tenant_id = $1', [tenantId]);
    expect((await put(client, 'a', 'c'.repeat(501))).status).toBe(202);
  });
});

describe('the store of large files', () => {
  it('that cannot be reached is an outage, and the gateway says so', async () => {
    const gateway = await (
      await sharedGateway()
    ).beside({
      CONTENT_STORE: 's3',
      S3_ENDPOINT: 'http://127.0.0.1:1/bucket',
      S3_ACCESS_KEY_ID: 'key',
      S3_SECRET_ACCESS_KEY: 'secret',
    });
    try {
      await gateway.worker.register('data_pipeline');
      const { client } = await gateway.client('away');
      const answer = await put(client, 'a', 'a,b\n');
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(answer.body).toMatchObject({ code: 'content_unavailable' });
    } finally {
      await gateway.service.close();
    }
  });
});
