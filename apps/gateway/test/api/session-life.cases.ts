import type { CallerView, SessionEnd } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { Client } from '../client.js';
import { EventSource } from '../event-source.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

/** The promise is "refused everywhere within a second", for what goes on as for what is asked anew. */
const promiseMs = 1_000;

interface Life {
  readonly pages: readonly Client[];
  readonly keyId: string;
  readonly sessionId: string;
  readonly stream: EventSource;
}

describe('the end of a session, on two gateways', () => {
  let first: GatewayUnderTest;
  let second: GatewayUnderTest;
  let admin: Client;

  beforeAll(async () => {
    first = await sharedGateway();
    second = await first.beside();
    ({ client: admin } = await first.client());
  });

  afterAll(() => second.service.close());

  const loggedIn = async (): Promise<Life> => {
    const { client, keyId } = await first.client('acme', { role: 'operator' });
    const page = await client.logIn();
    const pages = [first.url, second.url].map((url) => new Client(url, undefined, page.cookie));
    const sessionId = (await page.get<CallerView>('/api/v1/me')).body.session_id ?? '';
    const stream = await EventSource.open(page, `/api/v1/tasks/${await page.submit()}/events`);
    expect([await statuses(pages), stream.response.status]).toEqual([[200, 200], 200]);
    return { pages, keyId, sessionId, stream };
  };

  const statuses = async (pages: readonly Client[]): Promise<number[]> =>
    (await Promise.all(pages.map((page) => page.fetch('/api/v1/tasks')))).map(({ status }) => status);

  // Asks all the time, so that both gateways always have the session in memory.
  const isRefusedAfterASecond = async ({ pages, stream }: Life, what: string): Promise<void> => {
    const start = performance.now();
    let streamEndedMs: number | undefined;
    const ended = stream.ended.catch(() => undefined).then(() => (streamEndedMs = performance.now() - start));
    let last = 0;
    for (let asked = start; asked < start + promiseMs; asked = performance.now()) {
      if ((await statuses(pages)).includes(200)) last = asked - start;
    }
    expect(await statuses(pages)).toEqual([401, 401]);
    // By itself it would go on for ever. How soon after the requests is printed: it says as much of the machine.
    await ended;
    process.stdout.write(
      `${what}: last request let in after ${Math.round(last)} ms, stream ended after ${Math.round(streamEndedMs ?? 0)} ms\n`,
    );
  };

  const ends: readonly (readonly [string, SessionEnd, string])[] = [
    ['its key is revoked', 'key_revoked', 'update api_key set revoked_at = now() where key_id = $1'],
    ['its key expires', 'key_expired', 'update api_key set expires_at = now() where key_id = $1'],
    ['it was not used for its idle time', 'idle', 'update session set idle_ends_at = now() where key_id = $1'],
    ['its life is over, however it is used', 'over', 'update session set ends_at = now() where key_id = $1'],
    ['it is revoked in the database', 'revoked', 'update session set revoked_at = now() where key_id = $1'],
  ];

  it.each(ends)('is known to both, and to streams, a second after %s', async (what, why, statement) => {
    const life = await loggedIn();
    await first.database.query(statement, [life.keyId]);
    await isRefusedAfterASecond(life, what);
    // Whoever has its secret is told why.
    for (const page of life.pages) expect((await page.get('/api/v1/me')).body).toMatchObject({ session_end: why });
  });

  it('is known to both, and to streams, a second after an administrator ended it', async () => {
    const life = await loggedIn();
    await admin.fetch(`/api/v1/sessions/${life.sessionId}`, { method: 'DELETE' });
    await isRefusedAfterASecond(life, 'an administrator ended it');
  });

  it('follows its key to another role within a second', async () => {
    const { pages, keyId, stream } = await loggedIn();
    await first.database.query(`update api_key set role = 'viewer' where key_id = $1`, [keyId]);
    const pause = () => Promise.all(pages.map((page) => page.call('/api/v1/agents/maya/pause', { body: {} })));
    for (const start = performance.now(); performance.now() < start + promiseMs;) await pause();
    for (const answer of await pause()) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden', role: 'viewer' } });
    }
    stream.close();
  });

  it('is put off by its use, which is noted once a minute', async () => {
    const { pages, sessionId, stream } = await loggedIn();
    stream.close();
    const times = async (): Promise<{ used: number; idle: number } | undefined> =>
      (
        await first.database.query<{ used: number; idle: number }>(
          `select extract(epoch from now() - last_used_at)::int as used, extract(epoch from idle_ends_at - now())::int as idle
           from session where session_id = $1`,
          [sessionId],
        )
      )[0];
    await first.database.query(
      `update session set last_used_at = now() - interval '2 h', idle_ends_at = now() + interval '10 h' where session_id = $1`,
      [sessionId],
    );
    await eventually(async () => {
      expect(await statuses(pages)).toEqual([200, 200]);
      expect(await times()).toMatchObject({
        used: expect.closeTo(0, -2) as number,
        idle: expect.closeTo(43_200, -2) as number,
      });
    });
    await first.database.query(
      `update session set last_used_at = now() - interval '20 s', idle_ends_at = now() + interval '1 h' where session_id = $1`,
      [sessionId],
    );
    await statuses(pages);
    expect((await times())?.used).toBeGreaterThanOrEqual(20);
  });
});
