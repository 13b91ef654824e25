import type { StatusOrder } from '@pulser/context-bus';

import {
  agentFinding,
  backlogFinding,
  brokerFindings,
  deadLettersFinding,
  growthOf,
  type Reading,
  withReading,
} from './findings.policy.js';

const order = (more: Partial<StatusOrder>): StatusOrder => ({
  ...{ agent: 'dash', status: 'healthy', reasons: [], share: 100, standIn: null },
  ...more,
});

/** One reading every 30 s. */
const readings = (...values: readonly number[]): Reading[] =>
  values.reduce<Reading[]>((all, value, n) => withReading(all, { at: n * 30_000, value }), []);

describe('what is found of an agent', () => {
  const reasons = ['no worker takes messages from its queue'];

  it('is one incident, whatever speaks against it', () => {
    const keys = [
      agentFinding(order({ status: 'degraded', reasons: ['slow'] }), 2),
      agentFinding(order({ status: 'unhealthy', reasons, share: 0 }), 0),
      agentFinding(order({}), 2),
    ].map((finding) => finding?.key);
    expect(keys).toEqual(['agent/dash', 'agent/dash', 'agent/dash']);
  });

  it('says why, and what is done about it', () => {
    expect(agentFinding(order({ status: 'unhealthy', reasons, share: 0, standIn: 'maya' }), 2)).toMatchObject({
      ...{ kind: 'agent_unhealthy', severity: 'critical', state: 'open' },
      summary: 'dash is unhealthy: no worker takes messages from its queue. maya takes its tasks.',
    });
    expect(agentFinding(order({ status: 'unhealthy', reasons, share: 0 }), 0)).toMatchObject({
      kind: 'instances_gone',
      summary: expect.stringMatching(/No agent stands in for it: its tasks wait\.$/) as string,
    });
  });

  it('is over when the agent is well and has all its tasks again', () => {
    expect(agentFinding(order({ share: 50, standIn: 'maya' }), 2)).toBeUndefined();
    expect(
      agentFinding(order({ status: 'degraded', reasons: ['slow'], share: 50, standIn: 'maya' }), 2),
    ).toBeUndefined();
    expect(agentFinding(order({}), 2)?.state).toBe('resolved');
  });
});

describe('what grows', () => {
  it('is compared with five minutes ago, when it was looked at then', () => {
    expect(growthOf(readings(1, 2, 3))).toBeUndefined();
    expect(growthOf(readings(...Array.from({ length: 30 }, (_, n) => n)))).toBe(10);
    expect(readings(...Array.from({ length: 1_000 }, (_, n) => n)).length).toBeLessThan(13);
  });

  it('is a backlog while more wait than may, and more than before', () => {
    const growing = readings(...Array.from({ length: 11 }, (_, n) => 1_000 + n));
    expect(backlogFinding('dash', growing, 500)).toMatchObject({
      state: 'open',
      detail: { waiting: 1_010, growth: 10 },
    });
    expect(backlogFinding('dash', growing, 2_000)?.state).toBe('resolved');
    const sinking = readings(...Array.from({ length: 11 }, (_, n) => 1_000 - n));
    expect(backlogFinding('dash', sinking, 500)).toBeUndefined();
  });

  it('are dead letters, until there are half as few new ones', () => {
    const by = (growth: number) => readings(...Array.from({ length: 11 }, (_, n) => (n === 10 ? growth : 0)));
    expect(deadLettersFinding(by(50), 50)?.state).toBe('open');
    expect(deadLettersFinding(by(30), 50)).toBeUndefined();
    expect(deadLettersFinding(by(10), 50)?.state).toBe('resolved');
  });
});

describe('what is found of the broker', () => {
  it('is nothing while it is away for a moment', () => {
    expect(brokerFindings('down', undefined, 9_000)).toEqual([]);
    expect(brokerFindings('down', undefined, 10_000)).toMatchObject([{ key: 'broker', state: 'open' }]);
  });

  it('tells its disk from its memory', () => {
    expect(brokerFindings('blocked', 'low on disk', 0)).toMatchObject([
      { key: 'broker-disk', summary: expect.stringContaining('low on disk') as string },
    ]);
    expect(brokerFindings('blocked', 'low on memory', 0)).toMatchObject([{ key: 'broker', kind: 'broker_alarm' }]);
  });

  it('is over when it takes messages', () => {
    expect(brokerFindings('up', undefined, 0).map(({ key, state }) => [key, state])).toEqual([
      ['broker', 'resolved'],
      ['broker-disk', 'resolved'],
    ]);
  });
});
