import { DeadLetterAlerts, DeadLetterCounts } from '../src/index.js';
import { TaskLife } from './task-life.js';

describe('an alert about dead letters', () => {
  let life: TaskLife;
  let alerts: DeadLetterAlerts;

  beforeAll(async () => {
    life = await TaskLife.start();
    alerts = new DeadLetterAlerts(life.database);
  });

  afterAll(() => life.stop());

  it('is sent by one of many routers at the same moment, per task type', async () => {
    const taken = await Promise.all(Array.from({ length: 5 }, () => alerts.take('analytics', 300)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await alerts.take('testing', 300)).toBe(true);
  });

  it('may be sent again when the window is over, or when sending failed', async () => {
    await alerts.take('documentation', 300);
    expect(await alerts.take('documentation', 300)).toBe(false);
    await life.server.query(
      `update dead_letter_alert set told_at = told_at - interval '300 seconds', notified_at = notified_at - interval '300 seconds'`,
    );
    expect(await alerts.take('documentation', 300)).toBe(true);
    await alerts.giveBack('documentation');
    expect(await alerts.take('documentation', 300)).toBe(true);
  });

  it('counts tasks that failed within the window, by type and cause', async () => {
    for (const message of ['Row 1 is bad', 'Row 2 is bad', 'No memory']) {
      const claim = await life.claimed(await life.submit());
      await life.results.fail(claim, { code: 'query_failed', message, permanent: true });
    }
    const arrivals = await new DeadLetterCounts(life.database).arrivals(300);
    expect(arrivals.map(({ count }) => count).sort()).toEqual([1, 2]);
    expect(arrivals.every(({ taskType }) => taskType === 'analytics')).toBe(true);
  });
});
