// What a report is made of: the figures of the tenant, asked for one after the other, for one range in one step.
import { type TaskContext, TaskError, type TelemetryAnswers } from '@pulser/agent-runtime/skill';
import type { TelemetryLatency, TelemetryThroughput } from '@pulser/contracts';

import type { TelemetryReportInput } from './telemetry-report-contract.js';
import { utc, type Zone, zoneAt } from './zone.policy.js';

/** All figures of one report. Series are of the agents that were asked for. */
export interface Overview {
  readonly now: TelemetryAnswers['now'];
  readonly asked: { readonly from: string; readonly to: string };
  /** Of all agents where none was asked for. */
  readonly agents: readonly string[] | undefined;
  readonly zone: Zone;
  readonly timeZone: string;
  readonly throughput: TelemetryThroughput;
  readonly latency: TelemetryLatency;
  /** One series of all that is reported on; undefined when several agents of many were asked for. */
  readonly all: TelemetryLatency | undefined;
  readonly operations: { readonly throughput: TelemetryThroughput; readonly latency: TelemetryLatency };
  readonly depth: TelemetryAnswers['depth'];
  readonly health: TelemetryAnswers['health'];
  readonly letters: TelemetryAnswers['dead_letters'];
}

const dayMs = 86_400_000;

const rangeOf = ({ from, to }: TelemetryReportInput, now: string): Overview['asked'] => {
  const end = to !== undefined && Date.parse(to) < Date.parse(now) ? to : now;
  return { from: from ?? new Date(Date.parse(end) - dayMs).toISOString(), to: end };
};

/** @throws TaskError `invalid_payload` for an agent that has neither workers nor figures */
const checkAgents = (agents: readonly string[] | undefined, known: ReadonlySet<string>): void => {
  const missing = agents?.filter((agent) => !known.has(agent)) ?? [];
  if (missing.length === 0) return;
  const there = [...known].sort().join(', ');
  throw new TaskError('invalid_payload', `agents: there is no ${missing.join(', ')}; there are ${there || 'none'}`, {
    details: { agents: missing },
  });
};

type Series = { readonly key: { readonly agent?: string | undefined } };

/** Asks for all figures. @throws TaskError as the context does; `invalid_payload` for an agent that does not exist */
export const readOverview = async (
  input: TelemetryReportInput,
  { telemetry }: Pick<TaskContext, 'telemetry'>,
): Promise<Overview> => {
  const now = await telemetry({ view: 'now' });
  const asked = rangeOf(input, now.at);
  const found = await telemetry({ view: 'throughput', ...asked, group_by: ['agent'] });
  // The same step for all, also where the present moves on to the next one.
  const range = { ...asked, step: found.step };
  const { agents } = input;
  const of = <S extends Series, A extends { readonly series: readonly S[] }>(answer: A): A => ({
    ...answer,
    series: answer.series.filter(({ key }) => agents === undefined || agents.includes(key.agent ?? '')),
  });
  const [only, ...others] = agents ?? [];
  const health = await telemetry({ view: 'health', ...asked });
  checkAgents(
    agents,
    new Set([...health.agents.map(({ agent }) => agent), ...found.series.map(({ key }) => key.agent ?? '')]),
  );
  const depth = await telemetry({ view: 'depth', ...range });
  const letters = await telemetry({ view: 'dead_letters', from: found.from, to: found.to });
  const isOf = (agent: string | null): boolean => agents === undefined || (agent !== null && agents.includes(agent));
  return {
    now,
    asked,
    agents,
    zone: found.step === '1d' ? utc : zoneAt(input.time_zone, Date.parse(found.to)),
    timeZone: input.time_zone,
    throughput: of(found),
    latency: of(await telemetry({ view: 'latency', ...range, group_by: ['agent'] })),
    all: others.length > 0 ? undefined : await telemetry({ view: 'latency', ...range, agent: only }),
    operations: {
      throughput: of(await telemetry({ view: 'throughput', ...range, group_by: ['agent', 'operation'] })),
      latency: of(await telemetry({ view: 'latency', ...range, group_by: ['agent', 'operation'] })),
    },
    depth: { ...depth, now: depth.now.filter(({ agent }) => isOf(agent)) },
    health: { ...health, agents: health.agents.filter(({ agent }) => isOf(agent)) },
    letters: { ...letters, reasons: letters.reasons.filter(({ agent }) => isOf(agent)) },
  };
};

/** Over all series. */
export const totalsOf = ({ throughput }: Overview) => {
  const sum = (name: keyof TelemetryThroughput['series'][number]['total']): number =>
    throughput.series.reduce((total, one) => total + (one.total[name] ?? 0), 0);
  return {
    submitted: sum('submitted'),
    started: sum('started'),
    completed: sum('completed'),
    failed: sum('failed'),
    cancelled: sum('cancelled'),
    retries: sum('retries'),
  };
};

/** Tasks that have not ended. */
export const openNow = ({ depth }: Overview): number => depth.now.reduce((sum, { tasks }) => sum + tasks, 0);
