import type { AgentHealth, DeadLetterGroup, Pause } from '@pulser/contracts';

import { type Facts, needsOf } from './needs.policy.js';

const now = Date.parse('2026-03-10T12:00:00.000Z');
const minutesAgo = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();

const nothing: Facts = { broker: 'up', agents: [], pauses: [], letters: [], wait: null, approvals: [], now };

const group = (count: number, last_at: string): DeadLetterGroup => ({
  fingerprint: String(count).padStart(16, '0'),
  ...{ reason: 'query_failed', count, first_at: minutesAgo(500), last_at },
  ...{ agents: ['dash'], task_types: ['analytics'], sample: 'no such table' },
});

const agent = (name: string, state: AgentHealth['state'], open = 0): AgentHealth => ({
  ...{ agent: name, state, open, reason: 'No worker of it was heard of for 5 minutes', last_seen: minutesAgo(5) },
  ...{ completed: 0, failed: 0, error_rate: null, wait_p95_ms: null, run_p95_ms: null },
});

const pause = (of: Partial<Pause>): Pause => ({
  ...{ agent: null, task_type: null, reason: null, paused_at: minutesAgo(9), for_all_tenants: false },
  ...of,
});

const titlesOf = (facts: Partial<Facts>): string[] => needsOf({ ...nothing, ...facts }).map(({ title }) => title);

describe('what needs a person', () => {
  it('is nothing while all is well', () => {
    expect(needsOf({ ...nothing, agents: [agent('dash', 'up', 9)] })).toEqual([]);
  });

  it('are dead letters only as long as new ones come, the most first, and those beyond three in one line', () => {
    expect(titlesOf({ letters: [group(5, minutesAgo(61))] })).toEqual([]);
    const letters = [1, 4, 2, 3, 5].map((count) => group(count, minutesAgo(3)));
    expect(titlesOf({ letters })).toEqual([
      '5 dead letters: query_failed',
      '4 dead letters: query_failed',
      '3 dead letters: query_failed',
      'Dead letters of 2 other causes',
    ]);
    expect(needsOf({ ...nothing, letters })[0]?.place).toBe('/dead-letters?fingerprint=0000000000000005');
  });

  it('is a silent agent, more so when tasks wait for it', () => {
    const agents = [agent('maya', 'silent'), agent('dash', 'silent', 2)];
    expect(needsOf({ ...nothing, agents }).map(({ title, tone }) => [title, tone])).toEqual([
      ['dash is silent', 'bad'],
      ['maya is silent', 'warn'],
    ]);
  });

  it('is what is paused: what others paused for all cannot be resumed here', () => {
    const needs = needsOf({
      ...nothing,
      pauses: [pause({ agent: 'dash', reason: 'upgrade' }), pause({ task_type: 'testing', for_all_tenants: true })],
    });
    expect(needs.map(({ title, pause: resumable }) => [title, resumable !== undefined])).toEqual([
      ['dash is paused', true],
      ['Tasks of type testing are paused', false],
    ]);
  });

  it('is a long wait, with the rows', () => {
    const [need] = needsOf({ ...nothing, wait: { minutes: 60, before: minutesAgo(60) } });
    expect(need?.title).toBe('Tasks are queued for more than 1 h');
    expect(need?.place).toBe('/tasks?status=queued&created_before=2026-03-10T11%3A00%3A00.000Z');
  });

  it.each(['down', 'blocked'] as const)('is the broker before all: %s', (state) => {
    const needs = needsOf({ ...nothing, broker: state, letters: [group(1, minutesAgo(1))] });
    expect(needs.map(({ id }) => id.split(' ')[0])).toEqual(['broker', 'letters']);
  });
});
