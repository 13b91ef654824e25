// Credit from the routers: with it this gateway sends new tasks straight to the workers of their agent, which saves a hop.
// Without it, or when it is used up, they go through the router, which knows more.
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { Loop } from '@pulser/concurrency';
import { TaskTypes } from '@pulser/context-bus';
import type {
  AgentHealthChanged,
  AgentName,
  DispatchGranted,
  DispatchReported,
  Priority,
  TaskType,
} from '@pulser/contracts';
import { MessageConsumer, OnMessage, Publisher } from '@pulser/messaging';
import { ServiceInfo } from '@pulser/service-kit';

/** Milliseconds from its arrival for which a grant may be used: routers renew theirs every 100 ms. */
const validMs = 1_000;

/** Tasks that may be sent. */
export interface Credit {
  readonly agent: AgentName;
  /** Most tasks of one message. */
  readonly perMessage: number;
}

type Grant = DispatchGranted['grants'][number];

type Sent = DispatchReported['sent'][number];

/** What one router allowed last. */
interface Allowance {
  readonly arrivedAt: number;
  readonly byType: ReadonlyMap<TaskType, Grant>;
}

/**
 * What this gateway may send, and what it has sent. Times are of a monotonic clock, in milliseconds. Every router that
 * grants anything must agree: one that has older tasks waiting, or that sees less room, knows something.
 */
export class CreditAccount {
  private readonly byRouter = new Map<string, Allowance>();
  private readonly totals = new Map<AgentName, number>();
  /** When tasks of a type and priority last went through the router: later ones must not overtake them on older credit. */
  private readonly passedOnAt = new Map<string, number>();
  private readonly wanted = new Set<TaskType>();
  private readonly sent = new Map<string, Sent>();

  constructor(private readonly gateway: string) {}

  granted({ router, grants }: DispatchGranted, now: number): void {
    const own = grants.filter(({ gateway }) => gateway === this.gateway);
    const byType = new Map(own.flatMap((grant) => grant.task_types.map((taskType) => [taskType, grant] as const)));
    this.byRouter.set(router, { arrivedAt: now, byType });
  }

  /** Takes all credit for an agent back: others take its tasks now. */
  withdraw(agent: AgentName): void {
    for (const [router, { arrivedAt, byType }] of this.byRouter) {
      const others = new Map([...byType].filter(([, grant]) => grant.agent !== agent));
      this.byRouter.set(router, { arrivedAt, byType: others });
    }
  }

  /** Takes credit for all of these tasks. @returns undefined when there is not enough: they go through the router */
  take(taskType: TaskType, priority: Priority, tasks: number, now: number): Credit | undefined {
    this.wanted.add(taskType);
    const key = `${taskType} ${priority}`;
    const grant = this.leastGrant(taskType, priority, now, this.passedOnAt.get(key) ?? -Infinity);
    const total = grant && (this.totals.get(grant.agent) ?? 0) + tasks;
    if (grant === undefined || total === undefined || total > grant.until[priority]) {
      this.passedOnAt.set(key, now);
      return undefined;
    }
    this.totals.set(grant.agent, total);
    return { agent: grant.agent, perMessage: grant.tasks_per_message };
  }

  recordSent({ agent, priority, tasks, messages }: Sent): void {
    const key = `${agent} ${priority}`;
    const before = this.sent.get(key) ?? { tasks: 0, messages: 0 };
    this.sent.set(key, { agent, priority, tasks: before.tasks + tasks, messages: before.messages + messages });
  }

  /** What happened since the last report; undefined when nothing did. */
  report(): DispatchReported | undefined {
    if (this.wanted.size === 0) return undefined;
    const totals = [...this.totals].map(([agent, tasks]) => ({ agent, tasks }));
    const report = { gateway: this.gateway, wanted: [...this.wanted], sent: [...this.sent.values()], totals };
    this.wanted.clear();
    this.sent.clear();
    return report;
  }

  /** The smallest of the routers' grants; undefined when one of them grants nothing, or they name different agents. */
  private leastGrant(taskType: TaskType, priority: Priority, now: number, after: number): Grant | undefined {
    let least: Grant | undefined;
    for (const [router, { arrivedAt, byType }] of this.byRouter) {
      const grant = byType.get(taskType);
      if (now - arrivedAt > validMs) this.byRouter.delete(router);
      else if (grant === undefined || arrivedAt <= after || (least && least.agent !== grant.agent)) return undefined;
      else if (least === undefined || grant.until[priority] < least.until[priority]) least = grant;
    }
    return least;
  }
}

/** Milliseconds between two reports of what was sent. */
const reportEveryMs = 100;

/** Keeps the account of this gateway, and tells the routers of it. */
@Injectable()
export class DispatchCredit implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly account: CreditAccount;
  // A report that is lost is made good by the totals of the next one.
  private readonly reports = new Loop(
    reportEveryMs,
    () => this.report(),
    () => undefined,
  );

  constructor(
    private readonly publisher: Publisher,
    private readonly types: TaskTypes,
    { instance }: ServiceInfo,
  ) {
    this.account = new CreditAccount(instance);
  }

  onApplicationBootstrap(): void {
    this.reports.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.reports.stop();
  }

  /** A router that does not know yet that an agent has failed must not undo that this gateway does. */
  granted({ router, grants }: DispatchGranted): void {
    const undivided = grants.filter(({ agent }) => (this.types.health.get(agent)?.share ?? 100) === 100);
    this.account.granted({ router, grants: undivided }, performance.now());
  }

  /** An agent has failed, or comes back: while it does not get all of its tasks the router sees each of them. */
  async healthChanged({ agent, share }: AgentHealthChanged): Promise<void> {
    if (share < 100) this.account.withdraw(agent);
    this.types.outdate();
    // While the database is away, what was known holds.
    await this.types.current().catch(() => undefined);
  }

  /** See CreditAccount.take. */
  take(taskType: TaskType, priority: Priority, tasks: number): Credit | undefined {
    return this.account.take(taskType, priority, tasks, performance.now());
  }

  recordSent(sent: Sent): void {
    this.account.recordSent(sent);
  }

  private async report(): Promise<void> {
    const report = this.account.report();
    if (report !== undefined) await this.publisher.publish('dispatch.reported', report);
  }
}

/** Passes the grants of the routers on, and what ends them. */
@MessageConsumer()
export class DispatchCreditConsumer {
  constructor(private readonly credit: DispatchCredit) {}

  @OnMessage('dispatch.granted')
  granted(@Payload() grants: DispatchGranted): void {
    this.credit.granted(grants);
  }

  @OnMessage('agent.health-changed')
  healthChanged(@Payload() change: AgentHealthChanged): Promise<void> {
    return this.credit.healthChanged(change);
  }
}
