// Which workers are alive, by the heartbeats that this process receives.
import { Injectable } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { AgentHeartbeat, AgentName } from '@pulser/contracts';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

/** Workers send a heartbeat per second; after this long without one a worker counts as silent. Milliseconds. */
const silentAfterMs = 5_000;

/** Silent workers are kept this long, so that `explain` can say how long they have been silent. Milliseconds. */
const forgottenAfterMs = 100 * silentAfterMs;

/** The workers of an agent together. */
export interface Workforce {
  readonly workers: number;
  readonly slots: number;
  readonly busy: number;
}

@Injectable()
export class LiveWorkers {
  private readonly latest = new Map<string, AgentHeartbeat & { readonly receivedAt: number }>();
  private readonly since = performance.now();

  receive(heartbeat: AgentHeartbeat): void {
    const now = performance.now();
    this.latest.set(heartbeat.instance, { ...heartbeat, receivedAt: now });
    for (const [instance, { receivedAt }] of this.latest) {
      if (now - receivedAt > forgottenAfterMs) this.latest.delete(instance);
    }
  }

  /** Undefined until this process has listened long enough to have heard every live worker. */
  workforceOf(agent: AgentName): Workforce | undefined {
    if (performance.now() - this.since < silentAfterMs) return undefined;
    const alive = [...this.latest.values()].filter((one) => one.agent === agent && !isSilent(one.receivedAt));
    return {
      workers: alive.length,
      slots: alive.reduce((sum, { slots }) => sum + slots, 0),
      busy: alive.reduce((sum, { running }) => sum + running, 0),
    };
  }

  /** Milliseconds since the last heartbeat of a silent worker; undefined when it is not silent, or unknown. */
  silenceOf(instance: string): number | undefined {
    const one = this.latest.get(instance);
    if (one === undefined || !isSilent(one.receivedAt)) return undefined;
    return performance.now() - one.receivedAt;
  }
}

const isSilent = (receivedAt: number): boolean => performance.now() - receivedAt > silentAfterMs;

@MessageConsumer()
export class HeartbeatsConsumer {
  constructor(private readonly workers: LiveWorkers) {}

  @OnMessage('agent.heartbeat')
  receive(@Payload() heartbeat: AgentHeartbeat): void {
    this.workers.receive(heartbeat);
  }
}
