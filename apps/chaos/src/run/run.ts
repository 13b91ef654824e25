// One run of the chaos harness: its options, load and faults, and the judgement afterwards.
import { Random, readOptions, type RunFolder } from '@pulser/harness';
import { z } from 'zod';

import { FactsStore, readFacts } from '../check/facts.js';
import { judge } from '../check/promises.policy.js';
import { type FaultName, faultNames, type Injected, isKill } from '../faults/fault.js';
import type { Outcome } from '../report/report.js';
import { complaintsIn, recordsOf, Timeline } from '../report/timeline.js';
import {
  clearStage,
  restingCounts,
  restingQueues,
  restingTools,
  setStage,
  settle,
  type Stage,
  type StageOptions,
} from './stage.js';
import { Storm } from './storm.js';

const number = z.coerce.number();

const Faults = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(faultNames)));

const RunOptions = z.strictObject({
  minutes: number
    .min(0.5)
    .max(24 * 60)
    .default(30),
  seed: number.int().min(0).default(1),
  /** Tasks per second. */
  rate: number.min(1).max(2_000).default(60),
  /** Share of the time in which faults come one by one, each with time to recover; in the rest they overlap. */
  calm: number.min(0).max(1).default(0.35),
  /** forky has RabbitMQ 4.3, trixie 4.0. */
  suite: z.enum(['forky', 'trixie']).default('forky'),
  /** By default all. */
  faults: Faults.optional(),
  /** Ends the run after so many faults that are a kill -9; without `faults` these are then the only ones. */
  kills: number.int().min(1).max(10_000).optional(),
  /** Name of the instance of the servers: concurrent runs need different ones. */
  instance: z.string().default('chaos'),
});

/** What a run is asked to do. */
export interface RunOptions extends StageOptions {
  readonly minutes: number;
  readonly calm: number;
  readonly faults: readonly FaultName[];
  readonly kills: number | undefined;
}

export const usage = `usage: npm run chaos -- [--minutes 30] [--seed 1] [--rate 60] [--calm 0.35] [--suite forky|trixie] [--faults a,b] [--kills N] [--instance NAME]
faults: ${faultNames.join(', ')}`;

/** @throws TypeError with one line that names the wrong option */
export const runOptions = (args: readonly string[]): RunOptions => {
  const {
    kills,
    faults = kills === undefined ? faultNames : faultNames.filter(isKill),
    ...options
  } = readOptions(RunOptions, args);
  if (kills !== undefined && !faults.some(isKill))
    throw new TypeError(`--kills needs one of the faults ${faultNames.filter(isKill).join(', ')}`);
  return { ...options, kills, faults };
};

/** Answers are awaited for so long after the load has stopped, in milliseconds. */
const answersMs = 60_000;

/** One run: set the stage, load and break it, look at what came of it. */
export class ChaosRun {
  private readonly injected: Injected[] = [];
  private readonly troubles: string[] = [];
  private readonly skipped = new Set<FaultName>();
  private readonly ending = new AbortController();
  private stage: Stage | undefined;

  constructor(
    private readonly options: RunOptions,
    private readonly folder: RunFolder,
    private readonly say: (line: string) => void,
  ) {}

  async run(): Promise<Outcome> {
    this.say(`Starting servers and processes; logs in ${this.folder.path}`);
    const stage = (this.stage = await setStage(this.options, this.folder));
    try {
      this.watch(stage);
      await this.storm(stage);
      return await this.look(stage);
    } finally {
      await clearStage(stage);
    }
  }

  /** Kills the processes and deletes the servers: the run is interrupted. */
  async abandon(): Promise<void> {
    this.ending.abort(new Error('the run was interrupted'));
    if (this.stage === undefined) return;
    const { fleet, servers } = this.stage;
    await Promise.all(fleet.members.map(({ service }) => service.end('SIGKILL')));
    await servers.down();
  }

  private watch({ fleet }: Stage): void {
    fleet.onUnaskedEnd(({ service, code, signal, hadStarted }) => {
      // A crash point's kill.
      if (signal === 'SIGKILL') return;
      const how = code === null ? `of ${signal ?? ''}` : `with ${code}`;
      this.folder.append('unasked-ends.log', `${new Date().toISOString()} ${service.name} ${how}`);
      // It may refuse to start while its servers are down; once it runs it must survive their outages.
      if (hadStarted) this.trouble(`${service.name} ended by itself ${how} while it ran`);
    });
  }

  private async storm(stage: Stage): Promise<void> {
    const { load, servers, fleet, http, amqp, rows } = stage;
    load.start();
    stage.surroundings?.toolCalls.start();
    const storm = new Storm({
      world: {
        servers,
        fleet,
        load,
        http,
        amqp,
        rows,
        toolServers: stage.surroundings?.toolServers,
        diary: this.folder.file('crashes.log'),
        signal: this.ending.signal,
      },
      faults: this.options.faults,
      random: new Random(this.options.seed),
      calm: this.options.calm,
      kills: this.options.kills,
      onInjected: (injected) => {
        this.note(injected);
      },
      onFailed: (fault, error) => {
        // The servers that it needs may be down: it is tried again at another time.
        this.folder.append('skipped.log', `${new Date().toISOString()} ${fault.name}: ${String(error)}`);
        this.skipped.add(fault.name);
      },
    });
    const { minutes, kills } = this.options;
    const killed = await storm.run(minutes * 60_000);
    if (kills !== undefined) this.say(`${killed} times kill -9`);
    if (killed < (kills ?? 0)) this.trouble(`only ${killed} of ${kills} kills in ${minutes} minutes`);
    for (const name of this.skipped) {
      const done = this.injected.some(({ fault }) => fault.name === name);
      if (!done) this.trouble(`${name} could never be injected: see skipped.log`);
    }
    const unanswered = await this.stopLoad(stage);
    for (const one of unanswered) this.trouble(`${one} was never answered`);
    for (const failure of load.failures) this.trouble(`the load failed: ${String(failure)}`);
    await stage.surroundings?.standing.pauseSchedules();
  }

  /** @returns what was never answered */
  private async stopLoad({ load, surroundings }: Stage): Promise<string[]> {
    const [orders, calls = []] = await Promise.all([load.stop(answersMs), surroundings?.toolCalls.stop(answersMs)]);
    return [...orders, ...calls];
  }

  private note(injected: Injected): void {
    const { fault, injection } = injected;
    this.injected.push(injected);
    for (const broken of injection.broken ?? []) this.trouble(`${fault.name}: ${broken}`);
    const { detail = '', unavailable } = injection;
    this.say(`${new Date(injection.at).toISOString()} ${fault.name} ${detail} ${unavailable ?? ''}`.trimEnd());
  }

  private trouble(text: string): void {
    this.troubles.push(text);
    this.say(text);
  }

  private async look(stage: Stage): Promise<Outcome> {
    this.say(
      `Load and faults have ended: ${stage.truth.accepted.length} tasks were accepted; waiting until all have ended`,
    );
    const settled = await settle(stage);
    const { model, approver } = stage.surroundings ?? {};
    await approver?.stop();
    for (const failure of approver?.failures ?? []) this.trouble(`the approver failed: ${String(failure)}`);
    const store = new FactsStore(stage.store.database);
    const queues = await restingQueues(stage.servers);
    await restingCounts(store);
    const facts = await readFacts(store, stage.truth, {
      ...{ queues, asked: model?.asked ?? [], tools: await restingTools(stage) },
    });
    const judged = judge(facts);
    const violations = judged.flatMap((one) => one.violations);
    const timeline = new Timeline({
      ...facts,
      lostWorkers: await store.lostWorkers(),
      complaints: complaintsIn(stage.fleet.members.map(({ service }) => service.logFile)),
    });
    const ids = violations.flatMap(({ taskId }) => taskId ?? []).slice(0, 20);
    const refs = violations.flatMap(({ ref }) => ref ?? []).slice(0, 20);
    return {
      settled,
      judged,
      facts,
      records: recordsOf(this.injected, facts, violations, { timeline, seed: this.options.seed }),
      troubles: this.troubles,
      details: violations.length === 0 ? [] : await store.describe(ids, refs),
    };
  }
}
