import { z } from 'zod';

import { operation, skill, type Skill } from '../src/skills/skill.js';

const count = operation({
  name: 'count',
  summary: 'Asks for the figures of its tenant',
  input: z.strictObject({ operation: z.literal('count'), from: z.string().optional() }),
  example: { operation: 'count' },
  handle: async ({ from }, { telemetry }) => {
    const { tenant } = await telemetry({ view: 'now' });
    const { series } = await telemetry({ view: 'throughput', ...(from !== undefined && { from }) });
    const { reasons } = await telemetry({
      view: 'dead_letters',
      from: '2026-01-01T00:00:00Z',
      to: '2036-01-01T00:00:00Z',
    });
    return { tenant: tenant.name, submitted: series[0]?.total.submitted, reasons };
  },
});

/** An operation that asks what its tenant's tasks did, in a thread. */
export const telemetrySkill: Skill = skill('analytics', import.meta.url, [count]);
