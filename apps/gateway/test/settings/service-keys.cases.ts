import type { Client } from '../client.js';
import { DeadLetterScene } from '../dead-letter-scene.js';
import { GatewayUnderTest } from '../gateway-under-test.js';

const body = (task_type: string) => ({ task_type, payload: { operation: 'query' } });

describe('a service key that may submit one task type', () => {
  let gateway: GatewayUnderTest;
  let service: Client;

  beforeAll(async () => {
    gateway = await GatewayUnderTest.start();
    await gateway.worker.register('analytics', 'testing');
    ({ client: service } = await gateway.client('acme', {
      role: 'operator',
      allowedTaskTypes: ['analytics'],
    }));
  });

  afterAll(() => gateway.stop());

  it('submits tasks of that type, and is told why not of another', async () => {
    await service.submit();
    const refused = await service.call('/api/v1/tasks', { body: body('testing') });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'forbidden', allowed_task_types: ['analytics'] });
  });

  it('is refused the items of a batch that are of another', async () => {
    const tasks = [body('analytics'), body('testing')];
    const answer = await service.call('/api/v1/tasks/batch', { body: { tasks } });
    expect(answer.body).toMatchObject({
      accepted: 1,
      refused: 1,
      items: [{ status: 'queued' }, { code: 'forbidden' }],
    });
  });

  it('replays only what it could submit, one by one and in bulk', async () => {
    const scene = await DeadLetterScene.at(gateway, 'acme');
    const { dead_letter_id } = await scene.failed('It broke', body('testing'));
    const replay = await service.call(`/api/v1/dead-letters/${dead_letter_id}/replay`, { method: 'POST' });
    expect([replay.status, replay.body]).toMatchObject([403, { code: 'forbidden' }]);
    const many = { body: { filter: {} } };
    expect((await service.call('/api/v1/dead-letters/replay', many)).body).toMatchObject({ replayed: 0, skipped: 1 });
    expect((await scene.client.call('/api/v1/dead-letters/replay', many)).body).toMatchObject({ replayed: 1 });
  });
});
