import { Random, type RunFolder } from '@pulser/harness';

import { type Judged, judge } from '../check/verdict.js';
import { readFacts } from '../check/read-facts.js';
import type { Facts } from '../check/facts.js';
import type { FaultName } from '../faults/fault-name.js';
import { catalogue } from '../faults/catalogue.js';
import type { RunOptions } from '../options/run-options.js';
import type { FaultRecord } from '../report/fault-record.js';
import { complaintsIn } from '../report/log-lines.js';
import { recordsOf } from '../report/records.policy.js';
import { Timeline } from '../report/timeline.js';
import { FactsStore } from '../rows/facts.store.js';
import type { Injected } from './injected.js';
import { restingQueues } from './queues.js';
import { settle } from './settle.js';
import { clearStage, setStage, type Stage } from './stage.js';
import { Storm } from './storm.js';

/** How long answers may still come after the load has stopped, in milliseconds. */
const answersMs = 60_000;

/** What a run found. */
export interface Outcome {
  readonly settled: boolean;
  readonly judged: readonly Judged[];
  readonly records: readonly FaultRecord[];
  readonly facts: Facts;
  /** What went wrong with the load or the harness itself, or what Pulser did that it must not. */
  readonly troubles: readonly string[];
  readonly details: readonly Record<string, unknown>[];
}

/** One run: load, faults, and the look at what came of it. */
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

  /** Kills what was started and deletes the servers: somebody wants the run to end now. */
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
      // It may refuse to start while its servers are down; once it runs it must outlive them.
      if (hadStarted) this.trouble(`${service.name} ended by itself ${how} while it ran`);
    });
  }

  private async storm(stage: Stage): Promise<void> {
    const { load, servers, fleet, http, amqp, rows } = stage;
    load.start();
    const storm = new Storm({
      world: {
        servers,
        fleet,
        load,
        http,
        amqp,
        rows,
        diary: this.folder.file('crashes.log'),
        signal: this.ending.signal,
      },
      faults: this.options.faults.map((name) => catalogue[name]),
      random: new Random(this.options.seed),
      calm: this.options.calm,
      onInjected: (injected) => {
        this.note(injected);
      },
      onFailed: (fault, error) => {
        // The servers that it needs are down just now: another time.
        this.folder.append('skipped.log', `${new Date().toISOString()} ${fault.name}: ${String(error)}`);
        this.skipped.add(fault.name);
      },
    });
    await storm.run(this.options.minutes * 60_000);
    for (const name of this.skipped) {
      const done = this.injected.some(({ fault }) => fault.name === name);
      if (!done) this.trouble(`${name} could never be injected: see skipped.log`);
    }
    const unanswered = await load.stop(answersMs);
    if (unanswered > 0) this.trouble(`${unanswered} submissions were never answered`);
    for (const failure of load.failures) this.trouble(`the load failed: ${String(failure)}`);
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
    this.say(`Load and faults have ended: ${stage.truth.size} tasks were accepted; waiting until all is done`);
    const settled = await settle(stage);
    const store = new FactsStore(stage.store.database);
    const facts = await readFacts(store, stage.truth, await restingQueues(stage.servers));
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
