import { codeOf, open, run } from './run.js';
import { json, Site } from './site.js';

const tenant = '0198c7a0-0000-7000-8000-000000000001';

/** Serves the consent, and everything else after so many milliseconds. */
const serving = (consent: unknown, ms: () => number = () => 0, status = 200): Promise<Site> =>
  Site.start((request, answer) => {
    if (request.url === '/.well-known/pulser') json(answer, consent);
    else
      setTimeout(() => {
        json(answer, { ok: true }, status);
      }, ms());
  });

const agreed = { load_test: { tenants: ['someone else', tenant] } };

describe('load_test', () => {
  let site: Site;

  afterEach(() => Site.closeAll());

  const small = { rate_per_s: 40, connections: 4, seconds: 2 };

  it('sends what was asked for, at that rate, and counts what came back', async () => {
    site = await serving(agreed);
    const { result, artifacts } = await run('load_test', { url: `${site.url}/a?b=c`, ...small }, open(site.url));
    const { requests, latency_ms: latency } = result;
    const served = site.asked.filter((one) => one === 'GET /a?b=c').length;
    // What was on its way when the time was over may not have arrived.
    expect(served).toBeGreaterThanOrEqual(requests.answered);
    expect(served).toBeLessThanOrEqual(requests.sent);
    expect(requests.answered + requests.cut_off).toBe(requests.sent);
    expect(requests).toMatchObject({ by_status: { 200: requests.answered }, errors: 0, timeouts: 0 });
    // Two full seconds, and what a third had begun with; fewer where the machine is busy.
    expect(requests.sent).toBeGreaterThanOrEqual(40);
    expect(requests.sent).toBeLessThanOrEqual(160);
    // One for the consent.
    expect(site.connections).toBe(5);
    expect(result).toMatchObject({ passed: true, checks: [], rate_per_s: { asked: 40 } });
    const order = [
      latency?.min,
      latency?.p50,
      latency?.p75,
      latency?.p90,
      latency?.p95,
      latency?.p99,
      latency?.p99_9,
      latency?.max,
    ];
    expect(order).toEqual([...order].sort((a, b) => Number(a) - Number(b)));
    const svg = artifacts.get('latency.svg');
    expect([svg?.mediaType, svg?.content.toString().startsWith('<svg xmlns')]).toEqual(['image/svg+xml', true]);
  });

  it('measures latencies: a server of 60 ms has 60 ms', async () => {
    site = await serving(agreed, () => 60);
    const expected = { p95_ms: 20, max_error_share: 0 };
    const { result } = await run(
      'load_test',
      { url: `${site.url}/`, ...small, rate_per_s: 20, expect: expected },
      open(site.url),
    );
    expect(result.latency_ms?.min).toBeGreaterThanOrEqual(55);
    expect(result.latency_ms?.p50).toBeLessThan(10_000);
    expect(result).toMatchObject({
      passed: false,
      checks: [
        { what: 'p95 in ms is at most 20', passed: false },
        { what: 'share of errors is at most 0', passed: true, found: 0 },
      ],
    });
  });

  it('counts answers with 500 as errors', async () => {
    site = await serving(agreed, () => 0, 500);
    const { result } = await run(
      'load_test',
      { url: `${site.url}/`, ...small, seconds: 1, expect: { max_error_share: 0.1 } },
      open(site.url),
    );
    expect(result).toMatchObject({ passed: false, checks: [{ passed: false, found: 1 }] });
  });

  it('ends when the host closes connections without an answer, instead of opening more and more', async () => {
    site = await Site.start((request, answer) => {
      if (request.url === '/.well-known/pulser') json(answer, agreed);
      else request.socket.end();
    });
    const { result } = await run('load_test', { url: `${site.url}/`, ...small, seconds: 3 }, open(site.url));
    expect(result).toMatchObject({ passed: false, latency_ms: null, artifacts: [], requests: { answered: 0 } });
    expect(result.stopped_early).toBe('The host closes connections without an answer');
    expect(site.connections).toBeLessThanOrEqual(21);
  });

  it('ends when its task is cancelled', async () => {
    site = await serving(agreed);
    const started = Date.now();
    const cancelled = new Error('cancelled');
    const signal = AbortSignal.any([AbortSignal.timeout(1_200)]);
    const ran = run('load_test', { url: `${site.url}/`, ...small, seconds: 30 }, { ...open(site.url), signal });
    await expect(
      ran.catch((error: unknown) =>
        Promise.reject((error as Error).name === 'TimeoutError' ? cancelled : (error as Error)),
      ),
    ).rejects.toBe(cancelled);
    expect(Date.now() - started).toBeLessThan(25_000);
  });

  it.each([
    ['no file', undefined],
    ['another tenant', { load_test: { tenants: ['0198c7a0-0000-7000-8000-000000000009'] } }],
    ['another form', { tenants: [tenant] }],
    ['a lower rate', { load_test: { tenants: [tenant], max_rate: 39 } }],
  ])('puts no load on a host that does not agree: %s', async (_, consent) => {
    site = await Site.start((_request, answer) => {
      if (consent === undefined) json(answer, {}, 404);
      else json(answer, consent);
    });
    const ran = run('load_test', { url: `${site.url}/`, ...small }, open(site.url));
    await expect(ran).rejects.toMatchObject({
      code: 'load_not_agreed',
      message: expect.stringContaining(`{"load_test": {"tenants": ["${tenant}"]}}`) as string,
    });
    expect(site.asked).toEqual(['GET /.well-known/pulser']);
  });

  it.each([
    ['rate', { rate_per_s: 201 }, 'OUTGOING_LOAD_MAX_RATE'],
    ['connections', { connections: 21 }, 'OUTGOING_LOAD_MAX_CONNECTIONS'],
    ['time', { seconds: 61 }, 'OUTGOING_LOAD_MAX_S'],
  ])('keeps to what the operator allows: %s', async (_, more, variable) => {
    site = await serving(agreed);
    const ran = run('load_test', { url: `${site.url}/`, ...more }, open(site.url));
    await expect(ran).rejects.toMatchObject({
      code: 'load_not_allowed',
      message: expect.stringContaining(variable) as string,
    });
    expect(site.connections).toBe(0);
  });

  it('needs the tenant’s word too, and can be switched off', async () => {
    site = await serving(agreed);
    const settings = { 'allowed-hosts': [{ host: '127.0.0.1', ports: [site.port] }] };
    expect(await codeOf(run('load_test', { url: site.url }, { ...open(site.url), settings }))).toBe('load_not_allowed');
    const off = { origins: [site.url], load: { maxRate: 0, maxConnections: 1, maxSeconds: 1 } };
    expect(await codeOf(run('load_test', { url: site.url }, { ...open(site.url), outgoing: off }))).toBe(
      'load_not_allowed',
    );
    expect(site.connections).toBe(0);
  });

  it.each(['a\r\nx-evil: 1', 'a\0'])('sends no header that is another request: %j', async (value) => {
    site = await serving(agreed);
    const ran = run('load_test', { url: site.url, headers: { 'x-a': value } }, open(site.url));
    expect(await codeOf(ran)).toBe('check_invalid');
    const host = run('load_test', { url: site.url, headers: { Host: 'evil.example' } }, open(site.url));
    expect(await codeOf(host)).toBe('check_invalid');
    expect(site.connections).toBe(0);
  });
});
