// One drill: an agent of a running Pulser is broken under load, repaired, and what came of it is measured.
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import type { Random, RunFolder, Servers } from '@pulser/harness';
import { type AgentRow, agents } from '@pulser/roster';

import { FactsStore, readFacts } from '../check/facts.js';
import { noToolFacts } from '../check/tool-facts.js';
import { judge } from '../check/promises.policy.js';
import { type Program, replicas, type Variables } from '../fleet/fleet.js';
import { agentWorkOf } from '../load/agent-work.js';
import type { Order, Truth } from '../load/orders.js';
import { leaveStage, restingCounts, setStageOn, settle, type Stage } from '../run/stage.js';
import { Alerts } from './alerts.js';
import { type Breakage, type BreakageName, breakages, type Victims } from './breakages.js';
import { breakLeaders } from './leaders.js';
import { type EndedTask, type HealthChange, Observations, until } from './observations.js';
import { Recorder, type Recording } from './recording.js';
import type { DrillRecord } from './report.js';
import { type DrillTimes, failoverTroubles, type Moments, timesOf } from './times.policy.js';
import { type Step, stepsOf, type WayBackLimits, wayBackTroubles } from './way-back.policy.js';

export interface DrillOptions {
  /** Of the roster, with a back-up. */
  readonly agent: string;
  readonly fault: BreakageName;
  /** Health services: with three, the leader is killed and the next one frozen in the middle of the drill. */
  readonly health: 1 | 3;
  readonly seed: number;
  /** Tasks per second. */
  readonly rate: number;
  /** Whether to wait until all tasks of the agent go to it again: minutes. */
  readonly untilReturned: boolean;
  readonly wayBack: WayBackLimits;
  /** Of an agent that fails and returns: for how long, and how long each turn. Milliseconds. */
  readonly flap: { readonly forMs: number; readonly everyMs: number };
}

/** As they are configured unless a drill is to be short. */
export const usual = {
  wayBack: { coolDownMs: 60_000, stepMs: 30_000 },
  flap: { forMs: 300_000, everyMs: 10_000 },
} as const satisfies Partial<DrillOptions>;

const drillable: readonly AgentRow[] = agents.filter((row) => 'folder' in row);

/** An agent that can be drilled, and who takes over. @throws TypeError */
export const agentAndStandIn = (name: string): readonly [string, string] => {
  const row = drillable.find((agent) => agent.name === name);
  const [standIn] = row?.backups ?? [];
  if (row !== undefined && standIn !== undefined) return [row.name, standIn];
  const names = drillable.map((agent) => agent.name).join(', ');
  throw new TypeError(`there is no agent "${name}" with a back-up: ${names}`);
};

const serviceOf = (kind: 'gateway' | 'router' | 'health', login: Program['login']): Program => ({
  ...{ kind, name: kind, login },
  main: `apps/${kind}/dist/main.js`,
});

const agentProgram = (name: string): Program => ({
  ...{ kind: 'agent', name, login: 'pulser_service' },
  main: `apps/agents/${name}/dist/main.js`,
});

const programsOf = ({ agent, health }: DrillOptions): Program[] => [
  ...replicas(1, serviceOf('gateway', 'pulser_app')),
  ...replicas(1, serviceOf('router', 'pulser_service')),
  ...replicas(health, serviceOf('health', 'pulser_service')),
  ...agentAndStandIn(agent).flatMap((name) => replicas(2, agentProgram(name))),
];

/** Milliseconds. */
const limits = {
  /** From the start until both agents are healthy and work. */
  start: 120_000,
  /** Under load before anything breaks. */
  calm: 5_000,
  /** From the breakage: longer than any promise. */
  notice: 150_000,
  /** From the repair. */
  recover: 180_000,
  return: 420_000,
  answers: 60_000,
  /** After the last change, for messages about it that are repeated. */
  messages: 20_000,
} as const;

/** One drill, on servers that run. */
export class Drill {
  private readonly troubles: string[] = [];
  private readonly modeFile: string;

  constructor(
    private readonly options: DrillOptions,
    private readonly folder: RunFolder,
    private readonly say: (line: string) => void,
  ) {
    agentAndStandIn(options.agent);
    this.modeFile = folder.file('mode');
    writeFileSync(this.modeFile, '');
  }

  /** @param onStage gets the stage as soon as it is set, for one who wants to abandon it */
  run(servers: Servers, onStage?: (stage: Stage) => void): Promise<DrillRecord> {
    return this.staged(servers, (stage, alerts) => this.drill(stage, alerts), onStage);
  }

  /** Breaks nothing: records what is seen of the agent while it is well. @param recorded in words */
  record(servers: Servers, seconds: number, recorded: string, onStage?: (stage: Stage) => void): Promise<Recording> {
    const { agent } = this.options;
    return this.staged(
      servers,
      async (stage) => {
        const { database } = stage.store;
        stage.load.start();
        await this.ready(new Observations(database, agent));
        const recording = await new Recorder(database, servers.amqpUrl, agent, recorded).record(seconds);
        await stage.load.stop(limits.answers);
        return recording;
      },
      onStage,
    );
  }

  private async staged<T>(
    servers: Servers,
    work: (stage: Stage, alerts: Alerts) => Promise<T>,
    onStage: (stage: Stage) => void = () => undefined,
  ): Promise<T> {
    const { seed, rate } = this.options;
    const alerts = await Alerts.start();
    const stage = await setStageOn(
      servers,
      {
        ...{ suite: 'forky', instance: '', seed, rate },
        programs: programsOf(this.options),
        variablesOf: (program) => this.variablesOf(program, alerts),
        next: (ref, random) => this.orderOf(ref, random),
      },
      this.folder,
    );
    onStage(stage);
    try {
      return await work(stage, alerts);
    } finally {
      await leaveStage(stage);
      alerts.stop();
    }
  }

  private variablesOf({ kind, name }: Program, alerts: Alerts): Variables {
    const { coolDownMs, stepMs } = this.options.wayBack;
    const seconds = { HEALTH_COOL_DOWN_S: String(coolDownMs / 1_000), HEALTH_STEP_S: String(stepMs / 1_000) };
    if (kind === 'health') return { ...alerts.variables, ...seconds };
    if (kind === 'gateway') return alerts.variables;
    if (!name.startsWith(`${this.options.agent}-`)) return {};
    // One that leaks is enough, and all that most machines can take.
    return { DRILL_MODE_FILE: this.modeFile, DRILL_MAY_LEAK: String(name.endsWith('-1')) };
  }

  private orderOf(ref: string, random: Random): Order {
    const { taskType, payload, answer } = agentWorkOf(this.options.agent, random);
    const body = { task_type: taskType, priority: 'medium', payload, metadata: { ref } } as const;
    return { ref, expect: 'answer', answer, keyed: true, body };
  }

  private async drill(stage: Stage, alerts: Alerts): Promise<DrillRecord> {
    const seen = new Observations(stage.store.database, this.options.agent);
    await alerts.subscribe(stage.store.database);
    await this.registered(seen);
    stage.load.start();
    await this.ready(seen);
    await wait(limits.calm);
    await this.known(seen);
    const moments = await this.breakAndRepair(stage, seen);
    const unanswered = await stage.load.stop(limits.answers);
    for (const one of unanswered) this.trouble(`${one} was never answered`);
    for (const failure of stage.load.failures) this.trouble(`the load failed: ${String(failure)}`);
    if (!(await settle(stage))) this.trouble('tasks were still open at the end');
    return this.found(stage, seen, alerts, moments);
  }

  /** A health service knows the agent: submissions before that are refused. @throws when that never comes */
  private registered(seen: Observations): Promise<void> {
    return this.expect(`${this.options.agent} never registered`, async () => (await seen.now()) !== undefined);
  }

  /** Both agents work, and a health service says so. @throws when not: such a drill proves nothing */
  private ready(seen: Observations): Promise<void> {
    const since = Date.now();
    return this.expect(`${this.options.agent} was never healthy`, async () => {
      const now = await seen.now();
      return now?.status === 'healthy' && now.share === 100 && (await seen.worksSince(since));
    });
  }

  /** @throws when so many never completed */
  private known(seen: Observations): Promise<void> {
    const { knownTasks } = breakages[this.options.fault];
    return this.expect(`${knownTasks} tasks never completed`, async () => (await seen.completed()) >= knownTasks);
  }

  private async expect(otherwise: string, isSo: () => Promise<boolean>): Promise<void> {
    if (!(await until(isSo, limits.start))) throw new Error(`${otherwise}: see the logs`);
  }

  private async breakAndRepair({ fleet, truth }: Stage, seen: Observations): Promise<Moments> {
    const { agent, fault, health } = this.options;
    const members = fleet.of('agent').filter(({ service: { name } }) => name.startsWith(`${agent}-`));
    const victims: Victims = { members, modeFile: this.modeFile };
    const breakage = breakages[fault];
    this.say(`${agent}: ${breakage.summary}`);
    const brokenAt = Date.now();
    await breakage.begin(victims);
    const meanwhile = health === 3 ? breakLeaders(fleet.of('health'), seen) : Promise.resolve();
    const broken = breakage.flaps === true ? this.flap(breakage, victims) : Promise.resolve();
    await Promise.all([meanwhile, broken]);
    const isNoticed = () => this.isNoticed(seen, truth, brokenAt);
    if (!(await until(isNoticed, limits.notice))) this.trouble(`${fault} was not noticed, or nothing was rerouted`);
    const wholeAt = Date.now();
    await breakage.end(victims);
    await this.whole(seen, wholeAt);
    return { brokenAt, wholeAt };
  }

  /** Ends as it began: broken. */
  private async flap(breakage: Breakage, victims: Victims): Promise<void> {
    const { forMs, everyMs } = this.options.flap;
    for (let at = 0; at < forMs; at += 2 * everyMs) {
      await wait(everyMs);
      await breakage.end(victims);
      await wait(everyMs);
      await breakage.begin(victims);
    }
  }

  /** The status says so, and the first task that was submitted since has completed where it should. */
  private async isNoticed(seen: Observations, truth: Truth, brokenAt: number): Promise<boolean> {
    const { expects, flaps, keepsTasks } = breakages[this.options.fault];
    const now = await seen.now();
    if (expects === 'degraded') return now?.status !== 'healthy';
    const first = truth.all.find(({ at }) => at > brokenAt);
    const task = first && (await seen.task(first.ref));
    const isFailedOver = now?.status === 'unhealthy' || (flaps === true && now?.share === 0);
    return isFailedOver && (keepsTasks === true || task?.status === 'completed');
  }

  private async whole(seen: Observations, wholeAt: number): Promise<void> {
    const recovered = await until(async () => (await seen.now())?.status === 'healthy', limits.recover);
    if (!recovered) this.trouble(`${this.options.fault}: the agent never counted as healthy again`);
    if (!this.options.untilReturned) return;
    const returned = await until(
      async () => (await seen.now())?.share === 100 && (await seen.worksSince(wholeAt)),
      limits.return,
    );
    if (!returned) this.trouble(`${this.options.fault}: its tasks never came back to the agent`);
  }

  private async found(
    { store, truth }: Stage,
    seen: Observations,
    alerts: Alerts,
    moments: Moments,
  ): Promise<DrillRecord> {
    const facts = new FactsStore(store.database);
    await restingCounts(facts);
    const violations = judge(await readFacts(facts, truth, { queues: [], asked: [], tools: noToolFacts })).flatMap(
      (one) => one.violations,
    );
    for (const { kind, what, ref } of violations) this.trouble(`${kind}: ${what} (ref ${ref ?? '?'})`);
    const haveArrived = async (): Promise<boolean> =>
      alerts.differencesTo(await alerts.wanted(store.database)).length === 0;
    await until(haveArrived, limits.messages);
    const wanted = await alerts.wanted(store.database);
    for (const wrong of alerts.differencesTo(wanted)) this.trouble(wrong);
    const transitions = await seen.transitions();
    // That it failed; and, once all its tasks go to it again, that it works.
    if (transitions < (this.options.untilReturned ? 2 : 1))
      this.trouble(`notifications were written of ${transitions} transitions`);
    const { agent, fault, health } = this.options;
    const [changes, tasks] = await Promise.all([seen.changes(), seen.tasks()]);
    const times = timesOf(agent, changes, tasks, moments);
    const count = (kind: 'lost' | 'doubled'): number => violations.filter((one) => one.kind === kind).length;
    return {
      ...{ agent, fault, health, submitted: truth.all.length, ...times },
      ...{ lost: count('lost'), doubled: count('doubled') },
      ...{ transitions, mails: alerts.mails, hooks: alerts.hooks },
      way_back: this.wayBack(changes, tasks, times),
      troubles: this.troubles,
    };
  }

  private wayBack(changes: readonly HealthChange[], tasks: readonly EndedTask[], { failovers }: DrillTimes): Step[] {
    const { agent, fault, flap, untilReturned, wayBack } = this.options;
    for (const wrong of failoverTroubles(breakages[fault], failovers, flap.forMs)) this.trouble(wrong);
    if (!untilReturned || failovers === 0) return [];
    const steps = stepsOf(agent, changes, tasks);
    for (const wrong of wayBackTroubles(steps, changes, wayBack)) this.trouble(wrong);
    return steps;
  }

  private trouble(text: string): void {
    this.troubles.push(text);
    this.say(text);
  }
}
