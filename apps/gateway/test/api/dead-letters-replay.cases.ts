import { eventually } from '@pulser/testing';

import { DeadLetterScene, type Letter } from '../dead-letter-scene.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { Listener } from '../listener.js';
import { sharedGateway } from '../shared-gateway.js';

describe('replaying a dead letter', () => {
  let gateway: GatewayUnderTest;
  let scene: DeadLetterScene;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  beforeEach(async () => {
    scene = await DeadLetterScene.at(gateway);
  });

  const story = async ({ dead_letter_id }: Letter) => (await scene.get(`/${dead_letter_id}`)).body;
  const taskOf = async (taskId: unknown) => (await scene.client.get(`/api/v1/tasks/${String(taskId)}`)).body;
  const tasks = async () => (await scene.client.get('/api/v1/tasks')).body['tasks'] as object[];

  it('makes a new task, tells the router of it, and keeps what became of it', async () => {
    const listener = await Listener.start(gateway.broker);
    const heard = await listener.hear('tasks.submitted');
    const letter = await scene.failed('It broke', { priority: 'low', metadata: { order: 7 } });
    const { status, headers, body } = await scene.post(`/${letter.dead_letter_id}/replay`);
    expect([status, headers.get('location')]).toEqual([202, `/api/v1/tasks/${String(body['task_id'])}`]);
    expect(await taskOf(body['task_id'])).toMatchObject({
      status: 'queued',
      attempts: 0,
      priority: 'low',
      metadata: { order: 7 },
    });
    await eventually(() => {
      expect(heard.flat().map(({ task_id }) => task_id)).toContain(body['task_id']);
    });
    expect(await story(letter)).toMatchObject({
      state: 'replayed',
      settled_by: 'test',
      replays: [{ task_id: body['task_id'], status: 'queued', replayed_by: 'test', edits: {} }],
    });
    const [row] = await gateway.database.query('select replay_of from task_queue where task_id = $1', [
      body['task_id'],
    ]);
    expect(row).toEqual({ replay_of: letter.task_id });
    await listener.stop();
  });

  it('with changes records what they were', async () => {
    const letter = await scene.failed('It broke', { payload: { operation: 'query', sql: 'selct' } });
    const edit = { payload: { operation: 'query', sql: 'select' }, priority: 'high' };
    const { body } = await scene.post(`/${letter.dead_letter_id}/replay`, edit);
    expect(await taskOf(body['task_id'])).toMatchObject(edit);
    expect((await story(letter))['replays']).toMatchObject([
      {
        edits: {
          payload: { before: { operation: 'query', sql: 'selct' }, after: { operation: 'query', sql: 'select' } },
          priority: { before: 'medium', after: 'high' },
        },
      },
    ]);
  });

  it('happens once, however many ask, and the others are told the task', async () => {
    const letter = await scene.failed();
    const answers = await Promise.all(Array.from({ length: 5 }, () => scene.post(`/${letter.dead_letter_id}/replay`)));
    const [made] = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(4);
    for (const { body } of refused) {
      expect(body).toMatchObject({ code: 'conflict', state: 'replayed', task_id: made?.body['task_id'] });
    }
    expect(await tasks()).toHaveLength(2);
  });

  it.each([
    ['an unknown member', { prio: 1 }, '/prio'],
    ['a wrong type', { task_type: 'Cooking' }, '/task_type'],
    ['a wrong payload', { payload: 7 }, '/payload'],
  ])('with %s is refused, and the letter stays open', async (_case, edit, pointer) => {
    const letter = await scene.failed();
    const answer = await scene.post(`/${letter.dead_letter_id}/replay`, edit);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer }] }]);
    expect(await story(letter)).toMatchObject({ state: 'open' });
  });

  it('as a type that nobody serves is refused like such a submission', async () => {
    const letter = await scene.failed();
    const answer = await scene.post(`/${letter.dead_letter_id}/replay`, { task_type: 'testing' });
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { code: 'task_type_not_served', served: ['analytics', 'data_pipeline'] },
    ]);
    expect(await story(letter)).toMatchObject({ state: 'open' });
  });

  it('of a message that is no task needs a whole one', async () => {
    const letter = await scene.refused('{');
    const answer = await scene.post(`/${letter.dead_letter_id}/replay`);
    expect([answer.status, answer.body]).toMatchObject([400, { code: 'invalid_request' }]);
    const whole = { task_type: 'analytics', payload: { operation: 'query' } };
    const { status, body } = await scene.post(`/${letter.dead_letter_id}/replay`, whole);
    expect(status).toBe(202);
    expect(await taskOf(body['task_id'])).toMatchObject(whole);
  });

  it('of a message that is valid now works as it came, and ties it to the task of its message id', async () => {
    const body = JSON.stringify({ task_type: 'analytics', payload: { operation: 'query', n: 1 } });
    const [first, second] = [
      await scene.refused(body, { messageId: 'm-1', reason: 'unauthenticated' }),
      await scene.refused(body, { messageId: 'm-1', reason: 'task_type_not_served' }),
    ];
    const answers = [
      await scene.post(`/${first.dead_letter_id}/replay`),
      await scene.post(`/${second.dead_letter_id}/replay`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(answers[0]?.body['task_id']).toBe(answers[1]?.body['task_id']);
    expect(await story(second)).toMatchObject({ state: 'replayed' });
    expect(await tasks()).toHaveLength(1);
  });
});
