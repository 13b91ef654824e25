// Which workers are alive, by the heartbeats that this process receives: for windows, explanations and the health service.
import { Injectable } from '@nestjs/common';
import type { AgentHeartbeat, AgentName } from '@pulser/contracts';

/** Workers send a heartbeat per second; after this long without one a worker counts as silent. Milliseconds. */
export const silentAfterMs = 5_000;

/** Silent workers are kept this long, so that it can be said for how long they have been silent. Milliseconds. */
const forgottenAfterMs = 100 * silentAfterMs;

/** The workers of an agent together: those that are neither silent nor leave. */
export interface Workforce {
  /** Worker processes. */
  readonly workers: number;
  /** Tasks that they run at a time. */
  readonly slots: number;
  /** Slots in use. */
  readonly busy: number;
}

/** A worker, and for how long it has said nothing. */
export interface HeardWorker {
  readonly heartbeat: AgentHeartbeat;
  readonly silentMs: number;
  readonly isSilent: boolean;
  /** Milliseconds for which each of its heartbeats reported a free slot; 0: the last one did not. */
  readonly freeForMs: number;
  /** Milliseconds for which all of its slots were taken and none of its tasks ended; 0: by the last heartbeat it is not so. */
  readonly stuckForMs: number;
}

interface Known {
  readonly heartbeat: AgentHeartbeat;
  readonly receivedAt: number;
  /** When heartbeats began to report a free slot; undefined: the last one did not. */
  readonly freeSince: number | undefined;
  /** When heartbeats began to report all slots taken and the same number of finished tasks; undefined: the last one did not. */
  readonly stuckSince: number | undefined;
  /** Tasks per second between its last two heartbeats. */
  readonly rate: number;
}

const agentThenInstance = ({ heartbeat: { agent, instance } }: Known): string => `${agent} ${instance}`;

/** The workers of all agents. Times are of a monotonic clock, in milliseconds. */
@Injectable()
export class LiveWorkers {
  private readonly known = new Map<string, Known>();
  /** The same by agent: asked for each task. */
  private readonly ofAgent = new Map<AgentName, Map<string, Known>>();
  private readonly left = new Map<AgentName, number>();
  private readonly since = performance.now();

  /** @returns whether the worker is new, was silent, or leaves now */
  heard(heartbeat: AgentHeartbeat, now = performance.now()): boolean {
    const before = this.known.get(heartbeat.instance);
    const isFree = heartbeat.running < heartbeat.slots;
    const seconds = before === undefined ? 0 : (now - before.receivedAt) / 1_000;
    this.keep({
      heartbeat,
      receivedAt: now,
      freeSince: isFree ? (before?.freeSince ?? now) : undefined,
      stuckSince: isFree ? undefined : hasFinished(before, heartbeat) ? now : (before?.stuckSince ?? now),
      rate:
        before === undefined || seconds === 0
          ? 0
          : (heartbeat.finished_total - before.heartbeat.finished_total) / seconds,
    });
    if (heartbeat.leaving === true) this.left.set(heartbeat.agent, now);
    this.forgetLongSilent(now);
    return before === undefined || isSilent(before, now) || before.heartbeat.leaving !== heartbeat.leaving;
  }

  /** Every worker that was heard of lately, by agent and instance. */
  all(now = performance.now()): HeardWorker[] {
    return [...this.known.values()]
      .filter((one) => !(one.heartbeat.leaving === true && isSilent(one, now)))
      .sort((one, other) => (agentThenInstance(one) < agentThenInstance(other) ? -1 : 1))
      .map((one) => ({
        heartbeat: one.heartbeat,
        silentMs: now - one.receivedAt,
        isSilent: isSilent(one, now),
        freeForMs: sinceMs(one.freeSince, now),
        stuckForMs: sinceMs(one.stuckSince, now),
      }));
  }

  /** Whether this process has listened long enough to have a heartbeat of every live worker. */
  hasListened(now = performance.now()): boolean {
    return now - this.since >= silentAfterMs;
  }

  workforceOf(agent: AgentName, now = performance.now()): Workforce {
    let [workers, slots, busy] = [0, 0, 0];
    for (const one of this.ofAgent.get(agent)?.values() ?? []) {
      if (!isLive(one, now)) continue;
      workers += 1;
      slots += one.heartbeat.slots;
      busy += one.heartbeat.running;
    }
    return { workers, slots, busy };
  }

  /** Tasks per second that the live workers of an agent finish. */
  finishedPerSecond(agent: AgentName, now = performance.now()): number {
    let rate = 0;
    for (const one of this.ofAgent.get(agent)?.values() ?? []) if (isLive(one, now)) rate += one.rate;
    return rate;
  }

  /** Tasks per second of a worker; undefined: it was not heard of. */
  rateOf(instance: string): number | undefined {
    return this.known.get(instance)?.rate;
  }

  /** Milliseconds since a worker of the agent last said that it leaves, as planned; undefined: none has. */
  leftMsAgo(agent: AgentName, now = performance.now()): number | undefined {
    const at = this.left.get(agent);
    return at === undefined ? undefined : now - at;
  }

  /** Milliseconds since the last heartbeat of a silent worker; undefined when it is not silent, or unknown. */
  silenceOf(instance: string, now = performance.now()): number | undefined {
    const one = this.known.get(instance);
    return one === undefined || !isSilent(one, now) ? undefined : now - one.receivedAt;
  }

  private keep(known: Known): void {
    const { agent, instance } = known.heartbeat;
    this.known.set(instance, known);
    const others = this.ofAgent.get(agent);
    if (others === undefined) this.ofAgent.set(agent, new Map([[instance, known]]));
    else others.set(instance, known);
  }

  private forgetLongSilent(now: number): void {
    for (const [instance, { receivedAt, heartbeat }] of this.known) {
      if (now - receivedAt <= forgottenAfterMs) continue;
      this.known.delete(instance);
      this.ofAgent.get(heartbeat.agent)?.delete(instance);
    }
  }
}

const sinceMs = (since: number | undefined, now: number): number => (since === undefined ? 0 : now - since);

const hasFinished = (before: Known | undefined, { finished_total: total }: AgentHeartbeat): boolean =>
  before?.heartbeat.finished_total !== total;

const isSilent = ({ receivedAt }: Known, now: number): boolean => now - receivedAt > silentAfterMs;

const isLive = (one: Known, now: number): boolean => one.heartbeat.leaving !== true && !isSilent(one, now);
