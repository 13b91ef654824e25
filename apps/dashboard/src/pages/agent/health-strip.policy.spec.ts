import type { AgentHealthStep } from '@pulser/contracts';

import { marksOf, stripText } from './health-strip.policy.js';

const step = (at: string, facts: Partial<AgentHealthStep> = {}): AgentHealthStep => ({
  ...{ at, observed_s: 900, degraded_s: 0, unhealthy_s: 0, canaries: 1, canaries_lost: 0, canary_mean_ms: 9 },
  ...{
    canary_max_ms: 9,
    memory_mb: null,
    lag_ms: null,
    instances: null,
    slots: null,
    running: null,
    queue_depth: null,
  },
  ...facts,
});

const history = (steps: readonly AgentHealthStep[]) => ({
  ...{ from: '2026-11-29T10:05:00.000Z', to: '2026-11-29T11:05:00.000Z', step: '15m' as const },
  steps: [...steps],
});

describe('the strip of an agent', () => {
  it('has a mark for every step of the time, and claims nothing of those that nobody looked at', () => {
    const marks = marksOf(
      history([step('2026-11-29T10:45:00.000Z'), step('2026-11-29T11:00:00.000Z', { degraded_s: 3 })]),
    );
    expect(marks.map(({ look }) => look)).toEqual(['unknown', 'unknown', 'unknown', 'healthy', 'degraded']);
    expect(new Date(marks[0]?.at ?? 0).toISOString()).toBe('2026-11-29T10:00:00.000Z');
    expect(stripText(marks)).toBe('Not healthy in 1 of 2 steps, not looked at in 3');
  });

  it('shows the worst of a step', () => {
    const at = '2026-11-29T10:30:00.000Z';
    expect(marksOf(history([step(at, { degraded_s: 9, unhealthy_s: 1 })]))[2]?.look).toBe('unhealthy');
    expect(marksOf(history([step(at, { observed_s: 0 })]))[2]?.look).toBe('unknown');
  });
});
