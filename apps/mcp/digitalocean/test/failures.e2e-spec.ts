import { outgoingRulesOf, parseOutgoingEnv } from '@pulser/outgoing/client';
import { testClient } from '@pulser/mcp-server-kit/testing';
import { mcpCatalogue } from '@pulser/roster';

import { digitalocean as server } from '../src/server.js';
import { calling, variablesOf, type Calling } from './calling.js';
import { problem, token } from './fake-digitalocean.js';

const answer = (...parts: Parameters<typeof problem>) => ({ kind: 'answer', answer: problem(...parts) }) as const;

describe('the tools of DigitalOcean', () => {
  let cloud: Calling;

  beforeAll(async () => {
    cloud = await calling();
  });
  beforeEach(() => {
    cloud.fake.vendor.clear();
  });
  afterAll(() => cloud.stop());

  const examples = server.tools.map(({ name, examples: [example] }) => [name, example?.arguments ?? {}] as const);

  it('are those of the catalogue, with its flags', () => {
    const rows = mcpCatalogue
      .filter((row) => row.server === 'digitalocean')
      .map(({ tool, flag }) => ({ name: tool, flag }));
    const ours = server.tools.map(({ name, flag }) => ({ name, flag }));
    const byName = (left: { name: string }, right: { name: string }): number => (left.name < right.name ? -1 : 1);
    expect(ours.toSorted(byName)).toEqual(rows.toSorted(byName));
    expect(ours).toHaveLength(14);
  });

  it.each(examples)('%s says without a token which variable is missing, and asks nothing', async (name, args) => {
    const { error } = await cloud.call(name, args, { variables: { DIGITALOCEAN_API_URL: cloud.fake.vendor.url } });
    expect(error).toMatchObject({
      code: 'not_configured',
      message: expect.stringContaining('DIGITALOCEAN_TOKEN') as string,
    });
    expect(cloud.fake.vendor.requests).toEqual([]);
  });

  it.each(['../droplets', 'x', '', '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf/..'])('take %p for no id', async (app_id) => {
    const { error } = await cloud.call('do_app_get', { app_id });
    expect(error?.code).toBe('invalid_args');
    expect(cloud.fake.vendor.requests).toEqual([]);
  });

  it.each([
    [
      'a token that is not valid',
      answer(401, 'unauthorized', 'Unable to authenticate you'),
      { code: 'refused', message: /credential is not accepted/ },
    ],
    [
      'a scope that is missing',
      answer(403, 'forbidden', 'You are missing the required permission app:read'),
      { code: 'refused', message: /app:read/ },
    ],
    ['what is not there', answer(404, 'not_found', 'The resource could not be found'), { code: 'not_found' }],
    ['a conflict', answer(409, 'conflict', 'The app is busy'), { code: 'conflict', message: /busy/ }],
    [
      'what is held back',
      answer(412, 'precondition_failed', 'The app is pinned'),
      { code: 'conflict', message: /pinned/ },
    ],
    [
      'fields that are wrong',
      answer(422, 'unprocessable_entity', 'page must be positive'),
      { code: 'invalid_args', message: /page must be positive \(unprocessable_entity, request 4d9d/ },
    ],
    [
      'too many requests',
      answer(429, 'too_many_requests', 'API Rate limit exceeded.', { 'retry-after': '17' }),
      { code: 'rate_limited', retry: 17 },
    ],
    ['a failure', answer(503, 'service_unavailable', 'Try later'), { code: 'upstream_error', message: /503/ }],
    [
      'a redirect',
      { kind: 'answer', answer: { status: 302, headers: { location: 'https://elsewhere.example/' } } } as const,
      { code: 'upstream_error', message: /302/ },
    ],
    [
      'a page of a proxy',
      { kind: 'answer', answer: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' } } as const,
      { code: 'upstream_error' },
    ],
    ['JSON that is none', { kind: 'malformed' } as const, { code: 'upstream_error', message: /not JSON/ }],
    [
      'another shape than documented',
      { kind: 'answer', answer: { status: 200, body: { apps: [{ id: 7 }] } } } as const,
      { code: 'upstream_error', message: /another shape/ },
    ],
    ['an answer that is cut', { kind: 'truncated' } as const, { code: 'upstream_error', message: /lost/ }],
  ])('end as themselves: %s', async (_, fault, expected: { code: string; message?: RegExp; retry?: number }) => {
    cloud.fake.vendor.fail('apps_list', fault);
    const { error, result } = await cloud.call('do_app_list');
    expect(result).toBeUndefined();
    expect(error?.code).toBe(expected.code);
    if (expected.message) expect(error?.message).toMatch(expected.message);
    expect(error?.retry_after_s).toBe(expected.retry);
    expect(error?.message).not.toContain(token);
  });

  it('end with their time when DigitalOcean does not answer', async () => {
    const outgoing = outgoingRulesOf(parseOutgoingEnv({ OUTGOING_TIMEOUT_S: '0.3' }));
    const client = await testClient(server, { outgoing });
    cloud.fake.vendor.fail('apps_list', { kind: 'silent' });
    const { error } = await client.call('do_app_list', {}, { variables: variablesOf(cloud.fake) });
    await client.close();
    expect(error?.code).toBe('timeout');
  });

  it('never send the token to a private address that the operator did not allow', async () => {
    const { error } = await cloud.call(
      'do_app_list',
      {},
      { variables: variablesOf(cloud.fake), privateAddresses: false },
    );
    expect(error?.code).toBe('refused');
    expect(cloud.fake.vendor.requests).toEqual([]);
  });

  it('do not repeat a write that DigitalOcean may have done', async () => {
    cloud.fake.vendor.fail('droplets_create', { kind: 'truncated' });
    const { error } = await cloud.call('do_droplet_create', {
      name: 'a',
      region: 'fra1',
      size: 's-1vcpu-1gb',
      image: 'debian-12-x64',
    });
    expect(error?.code).toBe('upstream_error');
    expect(cloud.fake.vendor.count('droplets_create')).toBe(1);
  });
});
