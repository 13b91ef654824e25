import { DeadLetterScene, type Letter } from '../dead-letter-scene.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

describe('settling many dead letters', () => {
  let gateway: GatewayUnderTest;
  let scene: DeadLetterScene;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  beforeEach(async () => {
    scene = await DeadLetterScene.at(gateway);
  });

  const failMany = async (many: number): Promise<Letter[]> => {
    const letters: Letter[] = [];
    for (let n = 0; n < many; n += 1)
      letters.push(await scene.failed(`Row ${n} is bad`, { payload: { operation: 'query', n } }));
    return letters;
  };

  const replayOf = async ({ dead_letter_id }: Letter) => {
    const replays = (await scene.get(`/${dead_letter_id}`)).body['replays'] as { task_id: string; status: string }[];
    return replays[0];
  };

  it('replays those of a cause, oldest first, and counts the rest', async () => {
    const [first, second, third] = await failMany(3);
    await scene.failed('Something else');
    await scene.refused('{');
    const filter = { fingerprint: first?.['fingerprint'] };
    expect((await scene.post('/replay', { filter, limit: 2 })).body).toEqual({ replayed: 2, remaining: 1, skipped: 0 });
    expect(await scene.list('state=replayed')).toMatchObject([
      { dead_letter_id: second?.dead_letter_id, settled_by: 'test' },
      { dead_letter_id: first?.dead_letter_id },
    ]);
    expect((await scene.list()).map(({ dead_letter_id }) => dead_letter_id)).toContain(third?.dead_letter_id);
    expect((await scene.post('/replay', { filter: {} })).body).toEqual({ replayed: 2, remaining: 0, skipped: 1 });
    expect((await scene.post('/replay', { filter: {} })).body).toEqual({ replayed: 0, remaining: 0, skipped: 1 });
  });

  it('spreads the new tasks over time at a rate', async () => {
    const letters = await failMany(3);
    await scene.post('/replay', { filter: {}, rate_per_s: 0.5 });
    const starts: number[] = [];
    for (const letter of letters) {
      const replay = await replayOf(letter);
      const { body } = await scene.client.get(`/api/v1/tasks/${replay?.task_id ?? ''}`);
      const { run_at, created_at } = body['timings'] as { run_at: string; created_at: string };
      expect(body).toMatchObject({ status: 'scheduled', attempts: 0 });
      // Counted from the moment at which the dead letters were read.
      starts.push(Math.round((Date.parse(run_at) - Date.parse(created_at)) / 100) * 100);
    }
    expect(starts).toEqual([2_000, 4_000, 6_000]);
  });

  it('takes no letter twice when orders come at the same moment', async () => {
    await failMany(6);
    const orders = Array.from({ length: 4 }, () => scene.post('/replay', { filter: {} }));
    const replayed = (await Promise.all(orders)).map(({ body }) => body['replayed'] as number);
    expect(replayed.reduce((sum, n) => sum + n, 0)).toBe(6);
    const { body } = await scene.client.get<{ tasks: object[] }>('/api/v1/tasks?status=queued');
    expect(body.tasks).toHaveLength(6);
  });

  it('discards one or many with a reason, by whose key', async () => {
    const [one] = await failMany(3);
    const { status, body } = await scene.post(`/${one?.dead_letter_id ?? ''}/discard`, {
      reason: ' No longer wanted ',
    });
    expect([status, body]).toMatchObject([
      200,
      { state: 'discarded', discard_reason: 'No longer wanted', settled_by: 'test' },
    ]);
    const many = { filter: { reason: 'query_failed' }, reason: 'Outage' };
    expect((await scene.post('/discard', many)).body).toEqual({ discarded: 2, remaining: 0 });
    const again = await scene.post(`/${one?.dead_letter_id ?? ''}/discard`, { reason: 'x' });
    expect([again.status, again.body]).toMatchObject([409, { code: 'conflict', state: 'discarded' }]);
    expect((await scene.post(`/${one?.dead_letter_id ?? ''}/replay`)).status).toBe(409);
  });

  it('opens one again whose discard was a mistake, and none that was replayed', async () => {
    const [one] = await failMany(1);
    const place = `/${one?.dead_letter_id ?? ''}`;
    await scene.post(`${place}/discard`, { reason: 'a slip' });
    for (const { status, body } of [await scene.post(`${place}/reopen`), await scene.post(`${place}/reopen`)])
      expect([status, body]).toMatchObject([
        200,
        { state: 'open', discard_reason: null, settled_by: null, settled_at: null },
      ]);
    expect((await scene.post(`${place}/replay`)).status).toBe(202);
    expect((await scene.post(`${place}/reopen`)).body).toMatchObject({ code: 'conflict', state: 'replayed' });
  });

  it('touches nothing of another tenant', async () => {
    await failMany(1);
    const other = await DeadLetterScene.at(gateway);
    expect((await other.post('/replay', { filter: {} })).body).toEqual({ replayed: 0, remaining: 0, skipped: 0 });
    expect((await other.post('/discard', { filter: {}, reason: 'x' })).body).toEqual({ discarded: 0, remaining: 0 });
    expect(await scene.list()).toHaveLength(1);
  });

  it.each([
    ['/replay', {}, '/filter'],
    ['/replay', { filter: {}, limit: 10_001 }, '/limit'],
    ['/replay', { filter: {}, rate_per_s: 0 }, '/rate_per_s'],
    ['/replay', { filter: { state: 'discarded' } }, '/filter/state'],
    ['/discard', { filter: {} }, '/reason'],
    ['/discard', { filter: {}, reason: ' ' }, '/reason'],
    ['/discard', { filter: {}, reason: 'a\u0000' }, '/reason'],
  ])('refuses %s %j', async (path, order, pointer) => {
    const answer = await scene.post(path, order);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer }] }]);
  });
});
