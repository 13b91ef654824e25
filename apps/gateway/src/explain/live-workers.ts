import { Injectable } from '@nestjs/common';
import type { AgentHeartbeat, AgentName } from '@pulser/contracts';

/** Workers say once a second that they live; one that has said nothing for so long is not counted, in milliseconds. */
const silentAfterMs = 5_000;

/** What the heartbeats of an agent's workers say together. */
export interface Workforce {
  readonly workers: number;
  readonly slots: number;
  readonly busy: number;
}

/** Who has been heard of lately. */
@Injectable()
export class LiveWorkers {
  private readonly heard = new Map<string, AgentHeartbeat & { readonly seenAt: number }>();
  private readonly since = performance.now();

  hear(heartbeat: AgentHeartbeat): void {
    const now = performance.now();
    this.heard.set(heartbeat.instance, { ...heartbeat, seenAt: now });
    for (const [instance, { seenAt }] of this.heard) {
      if (now - seenAt > 100 * silentAfterMs) this.heard.delete(instance);
    }
  }

  /** Undefined while nobody can know: this process has not listened for long enough. */
  workforceOf(agent: AgentName): Workforce | undefined {
    if (performance.now() - this.since < silentAfterMs) return undefined;
    const alive = [...this.heard.values()].filter((one) => one.agent === agent && !isSilent(one.seenAt));
    return {
      workers: alive.length,
      slots: alive.reduce((sum, { slots }) => sum + slots, 0),
      busy: alive.reduce((sum, { running }) => sum + running, 0),
    };
  }

  /** Milliseconds for which a worker that was heard before has been silent; undefined when it speaks or is unknown. */
  silenceOf(instance: string): number | undefined {
    const one = this.heard.get(instance);
    if (one === undefined || !isSilent(one.seenAt)) return undefined;
    return performance.now() - one.seenAt;
  }
}

const isSilent = (seenAt: number): boolean => performance.now() - seenAt > silentAfterMs;
