// One drill: an agent of a running Pulser is broken under load, repaired, and what came of it is measured.
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import type { Random, RunFolder, Servers } from '@pulser/harness';
import { type AgentRow, agents } from '@pulser/roster';

import { FactsStore, readFacts } from '../check/facts.js';
import { judge } from '../check/promises.policy.js';
import { type Member, type Program, replicas, type Variables } from '../fleet/fleet.js';
import { agentWorkOf } from '../load/agent-work.js';
import type { Order } from '../load/orders.js';
import { leaveStage, restingCounts, setStageOn, settle, type Stage } from '../run/stage.js';
import { Alerts } from './alerts.js';
import { type BreakageName, breakages, type Victims } from './breakages.js';
import { Observations } from './observations.js';
import type { DrillRecord } from './report.js';
import { timesOf } from './times.policy.js';

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
}

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
  notice: 90_000,
  /** From the repair. */
  recover: 180_000,
  return: 420_000,
  answers: 60_000,
  /** After the last change, for messages about it that are repeated. */
  messages: 20_000,
} as const;

const pollMs = 100;

const until = async (isSo: () => Promise<boolean>, patienceMs: number): Promise<boolean> => {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    if (await isSo()) return true;
    await wait(pollMs);
  }
  return false;
};

/** Kills the health service that leads and freezes the one that follows it, while a drill is under way. */
const breakLeaders = async (services: readonly Member[], seen: Observations): Promise<void> => {
  const leading = async (): Promise<Member | undefined> => {
    const holder = await seen.leader();
    return services.find(({ service: { pid } }) => pid !== undefined && holder?.includes(`-${pid}-`) === true);
  };
  const first = await leading();
  await first?.service.end('SIGKILL');
  let second: Member | undefined;
  await until(async () => (second = await leading()) !== undefined && second !== first, 30_000);
  second?.service.freeze();
  await wait(15_000);
  second?.service.thaw();
  first?.service.start();
};

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
  async run(servers: Servers, onStage: (stage: Stage) => void = () => undefined): Promise<DrillRecord> {
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
      return await this.drill(stage, alerts);
    } finally {
      await leaveStage(stage);
      alerts.stop();
    }
  }

  private variablesOf({ kind, name }: Program, alerts: Alerts): Variables {
    if (kind === 'health' || kind === 'gateway') return alerts.variables;
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
    stage.load.start();
    await this.ready(seen);
    await wait(limits.calm);
    await this.known(seen);
    const moments = await this.breakAndRepair(stage, seen);
    const unanswered = await stage.load.stop(limits.answers);
    for (const one of unanswered) this.trouble(`${one} was never answered`);
    for (const failure of stage.load.failures) this.trouble(`the load failed: ${String(failure)}`);
    if (!(await settle(stage))) this.trouble('tasks were still open at the end');
    return this.record(stage, seen, alerts, moments);
  }

  /** Both agents work, and a health service says so. @throws when not: such a drill proves nothing */
  private async ready(seen: Observations): Promise<void> {
    const since = Date.now();
    const isReady = async (): Promise<boolean> => {
      const now = await seen.now();
      return now?.status === 'healthy' && now.share === 100 && (await seen.worksSince(since));
    };
    if (!(await until(isReady, limits.start))) throw new Error(`${this.options.agent} was never healthy: see the logs`);
  }

  private async known(seen: Observations): Promise<void> {
    const { knownTasks } = breakages[this.options.fault];
    if (!(await until(async () => (await seen.completed()) >= knownTasks, limits.start)))
      throw new Error(`${knownTasks} tasks never completed: see the logs`);
  }

  private async breakAndRepair(
    { fleet, truth }: Stage,
    seen: Observations,
  ): Promise<{ brokenAt: number; wholeAt: number }> {
    const { agent, fault, health } = this.options;
    const members = fleet.of('agent').filter(({ service: { name } }) => name.startsWith(`${agent}-`));
    const victims: Victims = { members, modeFile: this.modeFile };
    const breakage = breakages[fault];
    this.say(`${agent}: ${breakage.summary}`);
    const brokenAt = Date.now();
    await breakage.begin(victims);
    const meanwhile = health === 3 ? breakLeaders(fleet.of('health'), seen) : Promise.resolve();
    const isNoticed = async (): Promise<boolean> => {
      const now = await seen.now();
      if (breakage.expects === 'degraded') return now?.status !== 'healthy';
      const first = truth.all.find(({ at }) => at > brokenAt);
      const task = first && (await seen.task(first.ref));
      return now?.status === 'unhealthy' && (breakage.keepsTasks === true || task?.status === 'completed');
    };
    if (!(await until(isNoticed, limits.notice))) this.trouble(`${fault} was not noticed, or nothing was rerouted`);
    await meanwhile;
    const wholeAt = Date.now();
    await breakage.end(victims);
    await this.whole(seen, wholeAt);
    return { brokenAt, wholeAt };
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

  private async record(
    { store, truth }: Stage,
    seen: Observations,
    alerts: Alerts,
    moments: { brokenAt: number; wholeAt: number },
  ): Promise<DrillRecord> {
    const facts = new FactsStore(store.database);
    await restingCounts(facts);
    const violations = judge(await readFacts(facts, truth, [])).flatMap((one) => one.violations);
    for (const { kind, what, ref } of violations) this.trouble(`${kind}: ${what} (ref ${ref ?? '?'})`);
    const haveArrived = async (): Promise<boolean> =>
      alerts.differencesTo(await alerts.wanted(store.database)).length === 0;
    await until(haveArrived, limits.messages);
    const wanted = await alerts.wanted(store.database);
    for (const wrong of alerts.differencesTo(wanted)) this.trouble(wrong);
    const told = await seen.told();
    // That it failed; and, once all its tasks go to it again, that it works.
    if (told < (this.options.untilReturned ? 2 : 1)) this.trouble(`${told} transitions were told of`);
    const { agent, fault, health } = this.options;
    const count = (kind: 'lost' | 'doubled'): number => violations.filter((one) => one.kind === kind).length;
    return {
      ...{ agent, fault, health, submitted: truth.all.length },
      ...timesOf(agent, await seen.changes(), await seen.tasks(), moments),
      ...{ lost: count('lost'), doubled: count('doubled') },
      ...{ told, mails: alerts.mails, hooks: alerts.hooks },
      troubles: this.troubles,
    };
  }

  private trouble(text: string): void {
    this.troubles.push(text);
    this.say(text);
  }
}
