// How agents are: what everybody may know of them, a tenant's own figures, and what keys of the installation see of all.
import { z } from 'zod';

import { AgentName, AgentStatus } from '../agents.js';
import { Instant } from '../instant.js';
import { InstallationAgents } from './installation.js';
import { maxTelemetryPoints, TelemetryStep } from './telemetry.js';

const count = z.int().nonnegative();

export const AgentCondition = z
  .object({
    agent: AgentName,
    status: AgentStatus.or(z.literal('unknown')).meta({
      description: 'Unknown: no health service has looked at it within the last 15 s',
    }),
    reasons: z.array(z.string()).meta({ description: 'In words, the gravest first; none while it is healthy' }),
    since: z.iso.datetime().nullable(),
    share: z.int().min(0).max(100).meta({
      description: 'Percent of its new tasks that go to it: 0 while its stand-in takes them, then 1, 10, 50 and 100',
    }),
    stand_in: AgentName.nullable().meta({ description: 'Takes the rest; null: nobody does' }),
  })
  .meta({ id: 'AgentCondition' });
export type AgentCondition = z.infer<typeof AgentCondition>;

/** What the leader of the health services last measured of an agent, over all tenants. */
export const AgentMetrics = z
  .object({
    response_p50_ms: z.number().nullable().meta({ description: 'Run time of tasks that completed in the last hour' }),
    response_p95_ms: z.number().nullable(),
    response_p99_ms: z.number().nullable(),
    success_rate: z.number().nullable().meta({ description: 'Of the last 100 tasks; null: fewer than 20 are known' }),
    error_rate: z
      .number()
      .nullable()
      .meta({ description: 'Failed for good, of the tasks that ended in the last hour' }),
    memory_mb: z.number().nullable().meta({ description: 'Of the largest worker' }),
    lag_ms: z.number().nullable().meta({ description: 'Longest delay of an event loop in the last second' }),
    queue_depth: count.meta({ description: 'Tasks that wait, in the queue and in the database' }),
    canary_ms: z.number().nullable().meta({ description: 'How long the last canary that came back was away' }),
    consumers: count.nullable(),
    instances: count,
    slots: count,
    running: count,
  })
  .meta({ id: 'AgentMetrics' });
export type AgentMetrics = z.infer<typeof AgentMetrics>;

/** A tenant's own tasks of an agent, in the last hour. */
export const OwnFigures = z
  .object({
    open: count,
    completed: count,
    failed: count,
    error_rate: z.number().nullable(),
    wait_p95_ms: z.number().nullable(),
    run_p95_ms: z.number().nullable(),
  })
  .meta({ id: 'OwnFigures' });
export type OwnFigures = z.infer<typeof OwnFigures>;

const forOperators = 'Keys of the installation see it';

/** What `GET /api/v1/agents` tells beside the registrations. */
export const AgentConditions = z.object({
  conditions: z.array(AgentCondition),
  workers: InstallationAgents.optional().meta({ description: `${forOperators}: the worker processes of all agents` }),
});

export const AgentDetails = AgentCondition.extend({
  figures: OwnFigures.nullable().meta({ description: 'Of the tenant’s own tasks; null for keys of the installation' }),
  metrics: AgentMetrics.nullable().meta({ description: `${forOperators}; null while the status is unknown` }),
  workers: InstallationAgents.nullable().meta({ description: forOperators }),
}).meta({ id: 'AgentDetails' });
export type AgentDetails = z.infer<typeof AgentDetails>;

export const AgentHealthQuery = z.strictObject({
  from: Instant.optional().meta({ description: 'Begin of the range (RFC 3339), an hour before its end by default' }),
  to: Instant.optional().meta({ description: 'End of the range (RFC 3339), the present by default' }),
  step: TelemetryStep.optional().meta({
    description: `Length of a step, chosen by the range by default; a range has at most ${maxTelemetryPoints} steps`,
  }),
});
export type AgentHealthQuery = z.infer<typeof AgentHealthQuery>;

const ofAll = 'Null for a tenant: it is of all tenants together';

export const AgentHealthStep = z
  .object({
    at: z.iso.datetime(),
    observed_s: z.number().meta({ description: 'Seconds of it in which a health service watched' }),
    degraded_s: z.number(),
    unhealthy_s: z.number(),
    canaries: count,
    canaries_lost: count,
    canary_mean_ms: z.number().nullable(),
    canary_max_ms: z.number().nullable(),
    memory_mb: z
      .number()
      .nullable()
      .meta({ description: `Most of one worker. ${ofAll}` }),
    lag_ms: z
      .number()
      .nullable()
      .meta({ description: `Longest delay of an event loop. ${ofAll}` }),
    instances: count.nullable().meta({ description: `Fewest. ${ofAll}` }),
    slots: count.nullable().meta({ description: `Fewest. ${ofAll}` }),
    running: count.nullable().meta({ description: `Most. ${ofAll}` }),
    queue_depth: count.nullable().meta({ description: `Most. ${ofAll}` }),
  })
  .meta({ id: 'AgentHealthStep' });
export type AgentHealthStep = z.infer<typeof AgentHealthStep>;

export const AgentStatusChange = z
  .object({
    at: z.iso.datetime(),
    status: AgentStatus,
    reasons: z.array(z.string()),
    share: z.int(),
    stand_in: AgentName.nullable(),
  })
  .meta({ id: 'AgentStatusChange' });
export type AgentStatusChange = z.infer<typeof AgentStatusChange>;

/** Most changes of one answer, the newest. */
export const maxStatusChanges = 500;

export const AgentHealthHistory = z
  .object({
    agent: AgentName,
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    step: TelemetryStep,
    steps: z.array(AgentHealthStep).meta({ description: 'In order; one in which nothing was measured is left out' }),
    changes: z.array(AgentStatusChange).meta({
      description: `Of the status and of what is done about it, the newest first, ${maxStatusChanges} at most`,
    }),
  })
  .meta({ id: 'AgentHealthHistory' });
export type AgentHealthHistory = z.infer<typeof AgentHealthHistory>;
