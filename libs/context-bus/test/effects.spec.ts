import { TaskEffects } from '../src/index.js';
import { TaskLife, tester } from './task-life.js';

describe('an effect', () => {
  let life: TaskLife;
  let effects: TaskEffects;

  beforeAll(async () => {
    life = await TaskLife.start();
    effects = new TaskEffects(life.database);
  });

  afterAll(() => life.stop());

  const taken = async (taskId: string) => {
    await life.makeDue(taskId);
    await life.sweep.rescueStuck(100);
    return life.claimed(taskId);
  };

  it('that was finished is known with its result, to the same attempt and to later ones', async () => {
    const taskId = await life.submit({ max_attempts: 3 });
    const claim = await life.claimed(taskId);
    expect(await effects.begin(claim, 'mail')).toEqual({ finished: false });
    expect(await effects.finish(claim, 'mail', '{"id":[7,null]}')).toBe(true);
    const known = { finished: true, result: { id: [7, null] } };
    expect(await effects.begin(claim, 'mail')).toEqual(known);
    expect(await effects.begin(await taken(taskId), 'mail')).toEqual(known);
  });

  it('that was begun and not finished is taken over by the next attempt', async () => {
    const taskId = await life.submit({ max_attempts: 3 });
    const old = await life.claimed(taskId);
    await effects.begin(old, 'mail');
    const current = await taken(taskId);
    expect(await effects.begin(current, 'mail')).toEqual({ finished: false });
    expect(await effects.finish(old, 'mail', '"old"')).toBe(false);
    expect(await effects.finish(current, 'mail', '"new"')).toBe(true);
    expect(await effects.begin(current, 'mail')).toEqual({ finished: true, result: 'new' });
  });

  it('can neither begin nor finish once the task was taken away, cancelled or ended', async () => {
    const taskId = await life.submit({ max_attempts: 3 });
    const old = await life.claimed(taskId);
    await effects.begin(old, 'begun');
    const current = await taken(taskId);
    expect(await effects.begin(old, 'other')).toBeUndefined();
    expect(await effects.finish(old, 'begun', '1')).toBe(false);
    await effects.begin(current, 'begun');
    await life.cancels.cancel(life.tenantId, tester, taskId);
    expect(await effects.begin(current, 'other')).toBeUndefined();
    expect(await effects.finish(current, 'begun', '1')).toBe(false);
    const rows = await life.server.query('select key, finished_at from task_effect where task_id = $1', [taskId]);
    expect(rows).toEqual([{ key: 'begun', finished_at: null }]);
  });

  it('may be finished again, because the first answer may have been lost', async () => {
    const claim = await life.claimed(await life.submit());
    await effects.begin(claim, 'mail');
    expect(await effects.finish(claim, 'mail', 'null')).toBe(true);
    expect(await effects.finish(claim, 'mail', 'null')).toBe(true);
    expect(await effects.begin(claim, 'mail')).toEqual({ finished: true, result: null });
  });

  it('is written together with many others of many tasks', async () => {
    const claims = await Promise.all(Array.from({ length: 5 }, async () => life.claimed(await life.submit())));
    const wanted = claims.flatMap((claim) => ['a', 'b', 'a'].map((key) => ({ claim, key })));
    const states = await Promise.all(wanted.map(({ claim, key }) => effects.begin(claim, key)));
    expect(states).toEqual(wanted.map(() => ({ finished: false })));
    const ends = await Promise.all(wanted.map(({ claim, key }) => effects.finish(claim, key, `"${key}"`)));
    expect(ends).toEqual(wanted.map(() => true));
  });
});
