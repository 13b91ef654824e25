import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Agents } from '@pulser/context-bus';
import { Publisher } from '@pulser/messaging';
import { ServiceInfo } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { AgentProfile } from '../agent/agent-profile.js';
import { Slots } from '../execution/slots.js';
import { AttemptMeter } from './attempt-meter.js';

const everyMs = 1_000;
/** Heartbeats between two notes of the agent's life in the database. */
const beatsPerNote = 10;

@Injectable()
export class HeartbeatSource {
  constructor(
    readonly profile: AgentProfile,
    readonly env: AgentEnv,
    readonly slots: Slots,
    readonly meter: AttemptMeter,
  ) {}
}

/** Says once a second that this worker lives, how busy it is and how much it has done. */
@Injectable()
export class HeartbeatReporter implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private beats = 0;

  constructor(
    private readonly publisher: Publisher,
    private readonly agents: Agents,
    private readonly source: HeartbeatSource,
    private readonly info: ServiceInfo,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.beat();
    }, everyMs);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  // A lost heartbeat is followed by the next: nobody waits for one or repeats it.
  private beat(): void {
    const { profile, env, slots, meter } = this.source;
    const { finished, failed } = meter.totals;
    this.publisher
      .publish('agent.heartbeat', {
        agent: profile.name,
        instance: this.info.instance,
        slots: env.CONCURRENCY,
        running: slots.taken,
        finished_total: finished,
        failed_total: failed,
        at: new Date().toISOString(),
      })
      .catch(() => undefined);
    if (this.beats++ % beatsPerNote === 0) this.agents.seen(profile.name).catch(() => undefined);
  }
}
