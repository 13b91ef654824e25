import { impatientRules, testClient, type TestClient } from '@pulser/mcp-server-kit/testing';
import { vendorFaults, type VendorServer, vendorServer } from '@pulser/testing/vendor';

import { supabase } from '../src/index.js';

const token = 'sbp_0123456789abcdef';
const noon = Date.parse('2026-11-29T12:00:00Z') * 1_000;

describe('logs of a project', () => {
  let vendor: VendorServer;
  let client: TestClient;
  let variables: Record<string, string>;

  const logs = (args: Record<string, unknown>) => client.call('supabase_log_query', args, { variables });

  beforeAll(async () => {
    vendor = await vendorServer(({ path, query, headers }) => {
      if (headers['authorization'] !== `Bearer ${token}`) return { status: 401, json: { message: 'Unauthorized' } };
      if (path !== '/v1/projects/abcdef/analytics/endpoints/logs.all')
        return { status: 404, json: { message: 'Not Found' } };
      if (query.get('sql')?.includes('auth_logs'))
        return { json: { result: null, error: { code: 500, message: 'failed' } } };
      const line = (n: number) => ({ timestamp: noon - n * 1_000_000, event_message: `line ${n}`, level: 'ERROR' });
      return { json: { result: [0, 1, 2].map(line), error: null } };
    });
    client = await testClient(supabase);
    variables = { SUPABASE_API_URL: vendor.url, SUPABASE_PROJECT_REF: 'abcdef', SUPABASE_ACCESS_TOKEN: token };
  });

  afterAll(() => Promise.all([vendor.close(), client.close()]));

  it('are searched by time and level', async () => {
    const { result } = await logs({
      source: 'database',
      level: 'error',
      since: '2026-11-29T10:00:00+01:00',
      until: '2026-11-29T12:00:00Z',
      limit: 2,
    });
    expect(result).toEqual({
      lines: [
        { at: '2026-11-29T12:00:00.000Z', level: 'ERROR', message: 'line 0' },
        { at: '2026-11-29T11:59:59.000Z', level: 'ERROR', message: 'line 1' },
      ],
      truncated: true,
    });
    const asked = Object.fromEntries(vendor.requests.at(-1)?.query ?? []);
    expect(asked).toMatchObject({
      iso_timestamp_start: '2026-11-29T09:00:00.000Z',
      iso_timestamp_end: '2026-11-29T12:00:00.000Z',
    });
    expect(asked['sql']).toMatch(
      /from postgres_logs .* in \('ERROR', 'FATAL', 'PANIC'\) order by timestamp desc limit 3$/,
    );
  });

  it('are not searched over more than a day, nor with an error of the store taken for an answer', async () => {
    const before = vendor.requests.length;
    const span = { source: 'api', since: '2026-11-01T00:00:00Z', until: '2026-11-29T00:00:00Z' };
    expect((await logs(span)).error?.code).toBe('invalid_args');
    expect(vendor.requests).toHaveLength(before);
    expect((await logs({ source: 'auth' })).error).toMatchObject({ code: 'upstream_error' });
  });

  it.each(vendorFaults)('answer with $code when there is $name', async ({ answer, code }) => {
    const impatient = await testClient(supabase, { outgoing: impatientRules });
    vendor.fault = answer;
    const asked = answer.fault === 'hang' ? impatient : client;
    const { error } = await asked.call('supabase_log_query', { source: 'api' }, { variables });
    vendor.fault = undefined;
    await impatient.close();
    expect(error?.code).toBe(code);
  });
});
