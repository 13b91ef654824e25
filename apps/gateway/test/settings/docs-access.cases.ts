import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const paths = [
  '/docs',
  '/docs/',
  '/%64ocs',
  '/docs-json',
  '/docs/asyncapi.json',
  '/docs/problems',
  '/docs/swagger-ui.css',
];

describe('the documentation with DOCS=key', () => {
  let gateway: GatewayUnderTest;
  let client: Client;

  beforeAll(async () => {
    gateway = await (await sharedGateway()).beside({ DOCS: 'key' });
    ({ client } = await gateway.client());
  });

  afterAll(() => gateway.service.close());

  it.each(paths)('is for nobody without an API key: %s', async (path) => {
    const { status, headers } = await gateway.stranger.fetch(path);
    expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Basic realm=/)]);
    expect((await gateway.stranger.fetch(path, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  });

  it.each(paths)('is for everybody with one: %s', async (path) => {
    expect((await client.fetch(path)).status).toBe(200);
  });

  it('is for a page that has logged in', async () => {
    const page = await client.logIn();
    expect((await page.fetch('/docs')).status).toBe(200);
    await page.fetch('/api/v1/sessions/current', { method: 'DELETE' });
    expect((await page.fetch('/docs')).status).toBe(401);
  });

  it('takes the key as the password that a browser asks for', async () => {
    const authorization = `Basic ${Buffer.from(`me:${client.key ?? ''}`).toString('base64')}`;
    expect((await gateway.stranger.fetch('/docs', { headers: { authorization } })).status).toBe(200);
  });
});

describe('the documentation with DOCS=off', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await (await sharedGateway()).beside({ DOCS: 'off' });
  });

  afterAll(() => gateway.service.close());

  it('is not where the root leads', async () => {
    const { body } = await gateway.stranger.get('/');
    expect(JSON.stringify(body)).not.toContain('docs');
  });

  it.each(paths)('is not there: %s', async (path) => {
    const { client } = await gateway.client();
    expect((await client.fetch(path)).status).toBe(404);
  });
});
