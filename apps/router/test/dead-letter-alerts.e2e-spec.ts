import { DeadLettersThresholdExceeded } from '@pulser/contracts';
import type { RunningService } from '@pulser/service-kit';
import { eventually } from '@pulser/testing';

import { RouterUnderTest } from './router-under-test.js';

const limits = { DEAD_LETTER_ALERT_COUNT: '3', DEAD_LETTER_ALERT_WINDOW_S: '3600' };

// The routers count every five seconds.
const patience = { everyMs: 100 };

describe('an alert about dead letters', () => {
  let under: RouterUnderTest;
  let router: RunningService;
  const alerts = 'alerts';

  beforeAll(async () => {
    under = await RouterUnderTest.start(2, limits);
    router = await under.addRouter({ ...limits, PORT: '0' });
    await under.broker.use(async (channel) => {
      await channel.assertQueue(under.broker.named(alerts), { durable: true });
      await channel.bindQueue(
        under.broker.named(alerts),
        under.broker.named('pulser.events'),
        'dead-letters.threshold-exceeded',
      );
    });
  });

  afterAll(async () => {
    await under.broker.use((channel) => channel.deleteQueue(under.broker.named(alerts)));
    await under.stop();
  });

  /** In one statement: a router that counts meanwhile sees all of them, or none. @param messages of one task each */
  const fail = (...messages: string[]) =>
    under.server.query(
      `with failed as (
         insert into task_queue (tenant_id, task_type, assigned_agent, status, payload, error, completed_at)
         select $1, 'analytics', 'dash', 'failed', '{}',
           jsonb_build_object('code', 'query_failed', 'message', message, 'permanent', true), now()
         from unnest($2::text[]) as message returning *)
       insert into dead_letter (tenant_id, task_id, task_type, agent_name, reason, error)
       select tenant_id, task_id, task_type, assigned_agent, error ->> 'code', error from failed`,
      [under.tenantId, messages],
    );

  const metrics = async (): Promise<string> => (await fetch(`${router.url ?? ''}/metrics`)).text();

  it('comes once per window from all routers together, with the commonest cause, and they are counted', async () => {
    await fail('Bad row 1', 'Bad row 2', 'Bad row 3', 'No memory 1');
    const message = await eventually(async () => {
      const taken = await under.take(alerts);
      if (taken === undefined) throw new Error('No alert came');
      return taken;
    }, patience);
    const fact = DeadLettersThresholdExceeded.parse(JSON.parse(message.content.toString()));
    const [top] = await under.server.query<{ fingerprint: string }>(
      `select fingerprint from dead_letter group by 1 order by count(*) desc limit 1`,
    );
    expect(fact).toEqual({
      task_type: 'analytics',
      agent: 'dash',
      count: 4,
      window_s: 3_600,
      top_fingerprint: top?.fingerprint,
    });

    await fail(...[4, 5, 6, 7, 8].map((n) => `Bad row ${n}`));
    await eventually(async () => {
      const text = await metrics();
      expect(text).toMatch(/pulser_dead_letters\{[^}]*agent="dash",reason="query_failed"[^}]*\} 9/);
      expect(text).toMatch(/pulser_dead_letters_added_total\{[^}]*agent="dash",reason="query_failed"[^}]*\} 9/);
    }, patience);
    // By now every router has counted again what is above the limit.
    expect(await under.take(alerts)).toBeUndefined();
  });
});
