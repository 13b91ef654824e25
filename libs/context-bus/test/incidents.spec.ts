import { type IncidentNotice, systemTenantId } from '@pulser/contracts';

import { type Finding, Incidents } from '../src/index.js';
import { TaskLife } from './task-life.js';

const unhealthy: Finding = {
  key: 'agent:dash',
  kind: 'agent_unhealthy',
  subject: 'dash',
  severity: 'critical',
  state: 'open',
  summary: 'dash is unhealthy: no worker was heard of for 12 s',
  detail: { reasons: ['no worker was heard of for 12 s'] },
};
const degraded: Finding = { ...unhealthy, kind: 'agent_degraded', severity: 'warning', summary: 'dash is slow' };
const healthy: Finding = { ...unhealthy, state: 'resolved', summary: 'dash is healthy again' };

describe('incidents', () => {
  let life: TaskLife;
  let incidents: Incidents;

  beforeEach(async () => {
    life = await TaskLife.start();
    incidents = new Incidents(life.database);
    await life.server.query(`update health_leader set holder = 'test', epoch = 7, until = now() + interval '1 hour'`);
    await destination('ops');
    await destination('all', { from: 'info' });
  });

  afterEach(() => life.stop());

  const destination = (name: string, more: { from?: string; afterMin?: number; confirmed?: boolean } = {}) =>
    life.server.query(
      `insert into destination (tenant_id, name, kind, incidents_from, after_min, confirmed_at, made_by)
       values ($1, $2, 'webhook', $3, $4, $5, 'test')`,
      [
        systemTenantId,
        name,
        more.from ?? 'warning',
        more.afterMin ?? null,
        more.confirmed === false ? null : new Date(),
      ],
    );

  const told = async (name = 'ops'): Promise<{ id: string; message: string; content: IncidentNotice }[]> =>
    life.server.query(
      `select notification_id as id, message_id as message, content
       from notification_delivery join notification using (tenant_id, notification_id)
         join destination using (tenant_id, destination_id)
       where name = $1 order by notification_id`,
      [name],
    );

  const changesTold = async (name = 'ops'): Promise<string[]> =>
    (await told(name)).map(({ content }) => content.change);

  const timeline = async (): Promise<{ id: string; change: string }[]> =>
    life.server.query('select event_id as id, change from incident_event order by event_id');

  const later = (seconds: number) =>
    life.server.query(
      `update incident set resolved_at = resolved_at - make_interval(secs => $1), raised_at = raised_at - make_interval(secs => $1),
         updated_at = updated_at - make_interval(secs => $1)`,
      [seconds],
    );

  const flap = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) {
      await incidents.transition(unhealthy, 7);
      await incidents.transition(healthy, 7);
    }
  };

  it('open once, get worse and are resolved, with a line and a message of the same id each', async () => {
    expect(await incidents.transition(degraded, 7)).toBe(true);
    expect(await incidents.transition(degraded, 7)).toBe(false);
    expect(await incidents.transition(unhealthy, 7)).toBe(true);
    expect(await incidents.transition(healthy, 7)).toBe(true);
    expect(await incidents.transition(healthy, 7)).toBe(false);
    const [lines, messages] = [await timeline(), await told()];
    expect(lines.map(({ change }) => change)).toEqual(['opened', 'raised', 'resolved']);
    expect(messages.map(({ content }) => content.change)).toEqual(['opened', 'raised', 'resolved']);
    expect(messages.map(({ id }) => id)).toEqual(lines.map(({ id }) => id));
    expect(messages.map(({ message }) => message)).toEqual(lines.map(({ id }) => id));
    expect(messages[1]?.content).toMatchObject({ kind: 'agent_unhealthy', subject: 'dash', severity: 'critical' });
  });

  it('are written by the leader alone: one that lost its lease does nothing', async () => {
    expect(await incidents.transition(unhealthy, 6)).toBe(false);
    await life.server.query(`update health_leader set until = now() - interval '1 second'`);
    expect(await incidents.transition(unhealthy, 7)).toBe(false);
    expect(await incidents.escalate(7)).toBe(0);
    expect(await timeline()).toEqual([]);
  });

  it('open once although several calls find the same at the same moment', async () => {
    const changed = await Promise.all(Array.from({ length: 8 }, () => incidents.transition(unhealthy, 7)));
    expect(changed.filter(Boolean)).toHaveLength(1);
    const ended = await Promise.all(Array.from({ length: 8 }, () => incidents.transition(healthy, 7)));
    expect(ended.filter(Boolean)).toHaveLength(1);
    expect(await changesTold()).toEqual(['opened', 'resolved']);
  });

  it('tell destinations by severity, confirmed ones only, and of the end whom they told of the beginning', async () => {
    await destination('critical-only', { from: 'critical' });
    await destination('unconfirmed', { confirmed: false });
    await incidents.transition(degraded, 7);
    await incidents.transition(unhealthy, 7);
    await incidents.transition(healthy, 7);
    expect(await changesTold('critical-only')).toEqual(['raised', 'resolved']);
    expect(await changesTold('unconfirmed')).toEqual([]);
    expect(await changesTold('all')).toEqual(['opened', 'raised', 'resolved']);
  });

  it('tell no destination twice of the same severity, however often it gets better and worse', async () => {
    await incidents.transition(unhealthy, 7);
    for (let n = 0; n < 5; n += 1) {
      expect(await incidents.note(degraded, 7)).toMatchObject({ change: 'lowered', told: false });
      expect(await incidents.note(unhealthy, 7)).toMatchObject({ change: 'raised', told: false });
    }
    expect(await changesTold()).toEqual(['opened']);
  });

  it('are the same one when they come back soon, and tell of it a few times only', async () => {
    await flap(20);
    expect(await changesTold()).toEqual(['opened', 'resolved', 'reopened', 'resolved', 'flapping']);
    expect(await life.server.query('select flaps, state from incident')).toEqual([{ flaps: 19, state: 'resolved' }]);
    expect(await incidents.settle(7)).toBe(0);
    await later(301);
    expect(await incidents.settle(7)).toBe(1);
    expect(await incidents.settle(7)).toBe(0);
    expect((await changesTold()).at(-1)).toBe('resolved');
  });

  it('are new ones when they come back later', async () => {
    await flap(1);
    await later(301);
    await incidents.transition(unhealthy, 7);
    expect(await life.server.query('select state from incident order by incident_id')).toEqual([
      { state: 'resolved' },
      { state: 'open' },
    ]);
    expect(await incidents.openKeys()).toEqual(['agent:dash']);
  });

  it('tell nobody while they are silenced, nor does a new one of the same key', async () => {
    await incidents.transition(degraded, 7);
    await life.server.query(`update incident set silenced_until = now() + interval '1 hour', silence_reason = 'known'`);
    await incidents.transition(unhealthy, 7);
    await incidents.transition(healthy, 7);
    await later(301);
    await incidents.transition(unhealthy, 7);
    expect(await changesTold()).toEqual(['opened']);
    expect(await life.server.query(`select silence_reason from incident where state = 'open'`)).toEqual([
      { silence_reason: 'known' },
    ]);
  });

  it('are escalated once when nobody acknowledges them, and the end is told there too', async () => {
    await destination('boss', { afterMin: 15 });
    await incidents.transition(unhealthy, 7);
    expect(await incidents.escalate(7)).toBe(0);
    await later(901);
    expect(await incidents.escalate(7)).toBe(1);
    expect(await incidents.escalate(7)).toBe(0);
    await incidents.transition(healthy, 7);
    expect(await changesTold('boss')).toEqual(['escalated', 'resolved']);
  });

  it('are not escalated once they are acknowledged, until they get worse', async () => {
    await destination('boss', { afterMin: 15 });
    await incidents.transition(degraded, 7);
    await life.server.query(`update incident set acknowledged_at = now(), acknowledged_by = 'jo'`);
    await later(901);
    expect(await incidents.escalate(7)).toBe(0);
    await incidents.transition(unhealthy, 7);
    await later(901);
    expect(await incidents.escalate(7)).toBe(1);
  });

  it('keep their words up to date without a line', async () => {
    await incidents.transition(unhealthy, 7);
    await later(11);
    expect(await incidents.transition({ ...unhealthy, summary: 'for 60 s' }, 7)).toBe(false);
    expect(await life.server.query('select summary from incident')).toEqual([{ summary: 'for 60 s' }]);
    expect(await timeline()).toHaveLength(1);
  });
});
