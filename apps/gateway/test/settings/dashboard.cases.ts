import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const index = '<!doctype html><meta property="csp-nonce" nonce="%CSP_NONCE%"><title>Page</title>';

describe('the page at /ui', () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), index);
    writeFileSync(join(folder, 'theme.js'), 'theme()');
    writeFileSync(join(folder, 'assets/main-1a2b.js'), 'main()');
    gateway = await (await sharedGateway()).beside({ DASHBOARD_DIR: folder });
  });

  afterAll(async () => {
    await gateway.service.close();
    rmSync(folder, { recursive: true });
  });

  const fetchPage = (path: string): Promise<Response> => gateway.stranger.fetch(path);

  it.each(['/ui/', '/ui/tasks', '/ui/tasks/01a20706-61b3-75f5-bc08-21fcde8b6b89', '/ui/datasets/sales.csv'])(
    'is the same at every place in it: %s',
    async (path) => {
      const { status, headers } = await fetchPage(path);
      expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-store',
      ]);
    },
  );

  it('comes under a policy without exceptions, with a nonce of its own for each answer', async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const answer = await fetchPage('/ui/');
        const policy = answer.headers.get('content-security-policy') ?? '';
        const nonce = /nonce="([\w-]{20,})"/.exec(await answer.text())?.[1] ?? '';
        expect(policy).toContain(`style-src 'self' 'nonce-${nonce}';`);
        expect(policy).toContain("require-trusted-types-for 'script'");
        expect(policy).not.toMatch(/unsafe-|\*|https?:/);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  it('has files that are kept for ever when their name has their hash', async () => {
    const kept = await fetchPage('/ui/assets/main-1a2b.js');
    const asked = await fetchPage('/ui/theme.js');
    expect([kept.status, await kept.text(), kept.headers.get('cache-control')]).toEqual([
      200,
      'main()',
      'public, max-age=31536000, immutable',
    ]);
    expect([asked.status, asked.headers.get('cache-control')]).toEqual([200, 'no-cache']);
  });

  it.each([
    '/ui/assets/gone.js',
    '/ui/gone.js',
    '/ui/assets/..%2findex.html',
    '/ui/assets/%2e%2e/%2e%2e/package.json',
    '/ui/assets/',
  ])('has no other files: %s', async (path) => {
    const { status, headers } = await fetchPage(path);
    expect([404, 403]).toContain(status);
    expect(headers.get('content-type')).toContain('application/problem+json');
  });

  it('is where /ui leads', async () => {
    expect(new URL((await fetchPage('/ui')).url).pathname).toBe('/ui/');
  });

  it('says what to do when it was not built', async () => {
    const without = await (await sharedGateway()).beside({ DASHBOARD_DIR: join(folder, 'none') });
    try {
      const { status, body } = await without.stranger.get('/ui/');
      expect([status, body['detail']]).toEqual([404, expect.stringContaining('npm run build')]);
    } finally {
      await without.service.close();
    }
  });
});
