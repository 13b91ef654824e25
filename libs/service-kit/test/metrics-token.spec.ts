import { startService, type RunningService } from '../src/bootstrap/service.js';
import { sampleEnv, sampleService } from './sample/sample.service.js';

const token = 'a-token-of-the-scraper';

describe('a service with METRICS_TOKEN', () => {
  let service: RunningService;

  beforeAll(async () => {
    service = await startService(sampleService(), { env: sampleEnv({ METRICS_TOKEN: token }) });
  });

  afterAll(() => service.close());

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${service.url ?? ''}${path}`, { headers });

  it('shows its metrics to who has the token, and to nobody else', async () => {
    const refused = await get('/metrics');

    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await get('/metrics', { authorization: 'Bearer of-something-else' })).status).toBe(401);
    expect(await (await get('/metrics', { authorization: `Bearer ${token}` })).text()).toContain('# HELP');
  });

  it('tells everybody whether it lives', async () => {
    expect((await get('/health')).status).toBe(200);
  });

  it('does not start with a token that can be guessed, and does not print it', () => {
    expect(() => sampleEnv({ METRICS_TOKEN: 'short' })).toThrow(/^METRICS_TOKEN has a wrong value: .*16 to 200/);
  });
});
