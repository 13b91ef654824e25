// A day of healthy load on a simulated clock, resampled from what was recorded of real agents (`npm run drill -- dash --record
// 3`): how often would one be called anything but healthy? `HEALTH_SEEDS=1000` runs as many days.
import { readdirSync, readFileSync } from 'node:fs';

import type { MinuteActivity } from '@pulser/context-bus';

import { HealthEnv } from './health.env.js';
import { RecentOutcomes } from './signals/recent-outcomes.js';
import { type AgentSignals, judge, type StatusMemory } from './status/status.policy.js';

/** Of one agent, in the order in which it came. Milliseconds and megabytes. */
interface Recorded {
  readonly heartbeat_gaps_ms: readonly number[];
  readonly lags_ms: readonly number[];
  readonly memory_mb: readonly number[];
  readonly canaries_ms: readonly number[];
  /** For how long all slots of a worker had been taken without a task ending. */
  readonly stuck_ms: readonly number[];
  /** Tasks that waited. */
  readonly waiting: readonly number[];
  /** Of five seconds each, by operation: completed, failed, run time. */
  readonly slices: readonly Readonly<Record<string, readonly [number, number, number]>>[];
}

const folder = new URL('../test/recorded/', import.meta.url);
const recordings = readdirSync(folder)
  .sort()
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Recorded);

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
/** Seconds for which one recording is resampled: then the load of another one begins. */
const blockSeconds = 7_200;
const timeLimitMs = 300_000;
/** Of the recorded tasks, roughly. */
const p99Ms = 500;

/** What one recording gives, second by second. */
class Load {
  private readonly gaps;
  private readonly lags;
  private readonly memories;
  private readonly stuck;
  private readonly waiting;
  private readonly slices;
  private readonly canaries;
  private canary: AgentSignals['canary'];

  constructor(recorded: Recorded, random: () => number) {
    const of = <Value>(values: readonly Value[], run: number) => new Resampled(values, random, run);
    this.gaps = of(recorded.heartbeat_gaps_ms, 20);
    this.lags = of(recorded.lags_ms, 20);
    this.memories = of(recorded.memory_mb, 60);
    this.stuck = of(recorded.stuck_ms, 20);
    this.waiting = of(recorded.waiting, 20);
    this.slices = of(recorded.slices, 6);
    this.canaries = of(recorded.canaries_ms, 2);
  }

  slice(): Recorded['slices'][number] {
    return this.slices.next();
  }

  /** Without what is learnt from tasks. */
  signals(second: number): Omit<AgentSignals, 'slowness' | 'errors'> {
    if (second % canaryEvery === 0) this.canary = { value: this.canaries.next(), number: second, isBack: true };
    return {
      ...{ agent: 'dash', instances: 1, silentMs: this.gaps.next(), leftMs: undefined, consumers: 1 },
      canary: this.canary,
      lag: { value: this.lags.next(), number: second },
      memory: { value: this.memories.next() / memoryLimitMb, number: second },
      progress: { stuckForMs: [this.stuck.next()], waiting: this.waiting.next(), p99Ms, timeLimitMs },
    };
  }
}

const pick = <Value>(values: readonly Value[], random: () => number): Value => {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('Nothing was recorded');
  return value;
};

/** @returns reasons of each time that the agent was called something else than healthy */
const falseAlarms = (seed: number): string[] => {
  const random = randomOf(seed);
  const outcomes = new RecentOutcomes();
  const totals = new Map<string, MinuteActivity>();
  const alarms: string[] = [];
  let load = new Load(pick(recordings, random), random);
  let memory: StatusMemory = {};
  let wasHealthy = true;
  for (let second = 0; second < daySeconds; second += 1) {
    if (second % blockSeconds === 0) load = new Load(pick(recordings, random), random);
    if (second % sliceEvery === 0) outcomes.add(added(totals, load.slice()), wasHealthy);
    const { slowness, errors } = outcomes;
    const judgement = judge(memory, { ...load.signals(second), slowness, errors }, limits, second);
    memory = judgement.memory;
    const isHealthy = judgement.status === 'healthy';
    if (wasHealthy && !isHealthy) alarms.push(judgement.reasons.join('; '));
    wasHealthy = isHealthy;
  }
  return alarms;
};

const added = (totals: Map<string, MinuteActivity>, slice: Recorded['slices'][number]): MinuteActivity[] => {
  for (const [operation, [completed, failed, runLogs]] of Object.entries(slice)) {
    const before = totals.get(operation);
    totals.set(operation, {
      ...{ agent: 'dash', taskType: 'analytics', operation, minuteS: 0 },
      completed: (before?.completed ?? 0) + completed,
      failed: (before?.failed ?? 0) + failed,
      runLogs: (before?.runLogs ?? 0) + runLogs,
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
          ...{ lag: undefined, memory: undefined, slowness: undefined, errors: undefined, progress: undefined },
        };
        ({ memory, status } = judge(memory, { ...well, ...signals }, limits, number));
      }
      return status;
    };
    expect(look({ consumers: 0 }, 2)).toBe('unhealthy');
    expect(look({ instances: 0, silentMs: 9_000 }, 1)).toBe('unhealthy');
  });
});
