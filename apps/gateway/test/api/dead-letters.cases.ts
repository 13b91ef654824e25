import { tellingHeaders } from '../client.js';
import { DeadLetterScene, type Letter } from '../dead-letter-scene.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const unknown = '019a0000-0000-7000-8000-000000000000';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

interface Page {
  readonly dead_letters: readonly Letter[];
  readonly next_cursor: string | null;
}

describe('dead letters', () => {
  let gateway: GatewayUnderTest;
  let scene: DeadLetterScene;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  beforeEach(async () => {
    scene = await DeadLetterScene.at(gateway);
  });

  const ids = (letters: readonly Letter[]): string[] => letters.map(({ dead_letter_id }) => dead_letter_id);

  it('are listed newest first, page by page, each once', async () => {
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.push((await scene.failed()).dead_letter_id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/api/v1/dead-letters?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await scene.client.get<Page>(path);
      seen.push(...ids(body.dead_letters));
      cursor = body.next_cursor;
      await scene.failed();
    }
    expect(seen).toEqual(made.reverse());
  });

  it('are filtered by agent, type, cause, reason, state and age', async () => {
    const letter = await scene.failed();
    const raw = await scene.refused('{');
    await scene.post(`/${raw.dead_letter_id}/discard`, { reason: 'old' });
    const mine = [letter.dead_letter_id];
    expect(ids(await scene.list())).toEqual(mine);
    expect(ids(await scene.list('state=all&agent=dash&task_type=analytics'))).toEqual(mine);
    expect(ids(await scene.list(`fingerprint=${String(letter['fingerprint'])}&reason=query_failed`))).toEqual(mine);
    expect(ids(await scene.list('state=discarded'))).toEqual([raw.dead_letter_id]);
    expect(ids(await scene.list('state=replayed'))).toEqual([]);
    expect(ids(await scene.list('created_after=2020-01-01T00:00:00Z&agent=dash'))).toEqual(mine);
    expect(ids(await scene.list('created_before=2020-01-01T00:00:00Z&state=all'))).toEqual([]);
  });

  it('are grouped by cause, most first', async () => {
    await scene.failed('Row 1 of "a" is bad');
    await scene.failed('No memory');
    const newest = await scene.failed('Row 77 of "b" is bad');
    const { body } = await scene.get('/groups');
    expect(body['groups']).toMatchObject([
      {
        fingerprint: newest['fingerprint'],
        count: 2,
        agents: ['dash'],
        task_types: ['analytics'],
        sample: 'Row 77 of "b" is bad',
        last_at: newest['created_at'],
      },
      { count: 1, sample: 'No memory' },
    ]);
  });

  it('of a task tell its payload and every attempt', async () => {
    const letter = await scene.failed('It broke', { payload: { operation: 'query', sql: 'selct' } });
    const { status, body } = await scene.get(`/${letter.dead_letter_id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: 'open',
      payload: { operation: 'query', sql: 'selct' },
      error: { code: 'query_failed', message: 'It broke' },
      attempts: [{ attempt: 1, duration_ms: expect.any(Number) as number, error: { message: 'It broke' } }],
      replays: [],
      message: null,
      links: { self: `/api/v1/dead-letters/${letter.dead_letter_id}`, task: `/api/v1/tasks/${letter.task_id ?? ''}` },
    });
  });

  it.each([
    ['text', Buffer.from('{"grüße": 1'), '{"grüße": 1'],
    ['bytes', Buffer.from([0xff, 0, 1]), null],
  ])('of a message show it as it came: %s', async (_case, sent, text) => {
    const letter = await scene.refused(sent, { messageId: 'm-1' });
    expect((await scene.get(`/${letter.dead_letter_id}`)).body).toMatchObject({
      task_id: null,
      payload: null,
      attempts: [],
      message: {
        message_id: 'm-1',
        source_queue: 'router.tasks',
        routing_key: 'task.submit',
        reason: 'unparsable',
        detail: 'Unexpected token',
        headers: { traceparent: '00-ab' },
        body_base64: sent.toString('base64'),
        body_text: text,
      },
    });
  });

  it.each([
    ['limit=101', '/limit'],
    ['state=gone', '/state'],
    ['reason=a%00b', '/reason'],
    ['fingerprint=xyz', '/fingerprint'],
    ['cursor=x', '/cursor'],
    ['status=failed', '/status'],
  ])('refuse %s', async (query, pointer) => {
    const answer = await scene.get(`?${query}`);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer }] }]);
  });

  it.each([
    ['GET', '', undefined],
    ['POST', '/replay', undefined],
    ['POST', '/discard', { reason: 'x' }],
  ])('of another tenant are answered like those that nobody has: %s %s', async (method, path, body) => {
    const { dead_letter_id: theirs } = await scene.failed();
    const other = await DeadLetterScene.at(gateway);
    const answer = async (id: string) => {
      const call = { method, headers: { traceparent }, ...(body !== undefined && { body }) };
      const response = await other.client.fetch(`/api/v1/dead-letters/${id}${path}`, call);
      const headers = tellingHeaders(response);
      return { status: response.status, headers, text: (await response.text()).replaceAll(id, 'ID') };
    };
    const answered = await answer(theirs);
    expect(answered.status).toBe(404);
    expect(answered).toEqual(await answer(unknown));
    expect(answered).toEqual(await answer('x'.repeat(unknown.length)));
    expect(await other.list('state=all')).toEqual([]);
    expect((await scene.get(`/${theirs}`)).body).toMatchObject({ state: 'open' });
  });
});
