// A day of healthy load on a simulated clock, resampled from what was recorded of a real agent: how often would it be called
// anything but healthy? `HEALTH_SEEDS=1000` runs as many days.
import { readFileSync } from 'node:fs';

import type { MinuteActivity } from '@pulser/context-bus';

import { HealthEnv } from './health.env.js';
import { RecentOutcomes } from './signals/recent-outcomes.js';
import { type AgentSignals, judge, type StatusMemory } from './status/status.policy.js';

/** See `record`. Milliseconds and megabytes. */
interface Recorded {
  readonly heartbeat_gaps_ms: readonly number[];
  readonly lags_ms: readonly number[];
  readonly memory_mb: readonly number[];
  readonly canaries_ms: readonly number[];
  /** Of five seconds each, by operation: completed, failed, run time. */
  readonly slices: readonly Readonly<Record<string, readonly [number, number, number]>>[];
}

const recorded = JSON.parse(readFileSync(new URL('../test/recorded-load.json', import.meta.url), 'utf8')) as Recorded;

const seeds = Number(process.env['HEALTH_SEEDS'] ?? 10);
const daySeconds = 86_400;
const daysPerMonth = 30;

/** mulberry32: a seed makes one day. */
const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Values in runs as they were recorded: what came in a row once comes in a row again. */
class Resampled<Value> {
  private at = 0;
  private left = 0;

  constructor(
    private readonly values: readonly Value[],
    private readonly random: () => number,
    private readonly run: number,
  ) {}

  next(): Value {
    if (this.left === 0) {
      this.at = Math.floor(this.random() * this.values.length);
      this.left = this.run;
    }
    this.left -= 1;
    const value = this.values[this.at % this.values.length];
    this.at += 1;
    if (value === undefined) throw new Error('Nothing was recorded');
    return value;
  }
}

const { statusLimits: limits } = HealthEnv.read({ DATABASE_URL: 'postgres://x', AMQP_URL: 'amqp://x' });
const memoryLimitMb = 3_072;
const canaryEvery = 30;
const sliceEvery = 5;

/** @returns reasons of each time that the agent was called something else than healthy */
const falseAlarms = (seed: number): string[] => {
  const random = randomOf(seed);
  const [gaps, lags] = [
    new Resampled(recorded.heartbeat_gaps_ms, random, 20),
    new Resampled(recorded.lags_ms, random, 20),
  ];
  const [memories, canaries] = [
    new Resampled(recorded.memory_mb, random, 60),
    new Resampled(recorded.canaries_ms, random, 2),
  ];
  const slices = new Resampled(recorded.slices, random, 6);
  const outcomes = new RecentOutcomes();
  const totals = new Map<string, MinuteActivity>();
  const alarms: string[] = [];
  let memory: StatusMemory = {};
  let canary: AgentSignals['canary'];
  let wasHealthy = true;
  for (let second = 0; second < daySeconds; second += 1) {
    if (second % sliceEvery === 0) outcomes.add(added(totals, slices.next()), wasHealthy);
    if (second % canaryEvery === 0) canary = { value: canaries.next(), number: second, isBack: true };
    const signals: AgentSignals = {
      ...{ agent: 'dash', instances: 1, silentMs: gaps.next(), leftMs: undefined, consumers: 1, canary },
      lag: { value: lags.next(), number: second },
      memory: { value: memories.next() / memoryLimitMb, number: second },
      ...{ slowness: outcomes.slowness, errors: outcomes.errors },
    };
    const judgement = judge(memory, signals, limits, second);
    memory = judgement.memory;
    const isHealthy = judgement.status === 'healthy';
    if (wasHealthy && !isHealthy) alarms.push(judgement.reasons.join('; '));
    wasHealthy = isHealthy;
  }
  return alarms;
};

const added = (totals: Map<string, MinuteActivity>, slice: Recorded['slices'][number]): MinuteActivity[] => {
  for (const [operation, [completed, failed, runMs]] of Object.entries(slice)) {
    const before = totals.get(operation);
    totals.set(operation, {
      ...{ agent: 'dash', taskType: 'analytics', operation, minuteS: 0 },
      completed: (before?.completed ?? 0) + completed,
      failed: (before?.failed ?? 0) + failed,
      runMs: (before?.runMs ?? 0) + runMs,
    });
  }
  return [...totals.values()];
};

describe('a day of healthy load', () => {
  it(`calls the agent anything else at most once a month (${seeds} days)`, () => {
    const alarms = Array.from({ length: seeds }, (_, seed) => falseAlarms(seed + 1));
    const all = alarms.flat();
    const perMonth = (all.length / seeds) * daysPerMonth;
    process.stdout.write(
      `${all.length} false alarms in ${seeds} days: ${perMonth.toFixed(2)} a month ${all.slice(0, 5).join(' | ')}\n`,
    );
    // Of ten days one alarm would be three a month: a few days must have none.
    expect(perMonth).toBeLessThanOrEqual(1);
  }, 3_600_000);

  it('is told from one with faults: each is seen', () => {
    const look = (signals: Partial<AgentSignals>, rounds: number): string => {
      let memory: StatusMemory = {};
      let status = 'healthy';
      for (let number = 1; number <= rounds; number += 1) {
        const well: AgentSignals = {
          ...{ agent: 'dash', instances: 1, silentMs: 500, leftMs: undefined, consumers: 1, canary: undefined },
          ...{ lag: undefined, memory: undefined, slowness: undefined, errors: undefined },
        };
        ({ memory, status } = judge(memory, { ...well, ...signals }, limits, number));
      }
      return status;
    };
    expect(look({ consumers: 0 }, 2)).toBe('unhealthy');
    expect(look({ instances: 0, silentMs: 9_000 }, 1)).toBe('unhealthy');
  });
});
