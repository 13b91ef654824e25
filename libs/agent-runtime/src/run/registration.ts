// How an agent starts and stays known: threads find its skills, it registers, and a heartbeat follows every second.
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { Injectable, type OnApplicationShutdown, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Agents } from '@pulser/context-bus';
import { Publisher } from '@pulser/messaging';
import { ServiceInfo } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import { AgentEnv } from '../agent/agent.env.js';
import { Slots } from '../attempt/task.consumer.js';
import { AttemptMeter } from '../reporting/attempt-meter.js';
import type { Skill } from '../skills/skill.js';

/** Its module does not let threads find a skill. */
export class SkillNotExported extends Error {
  readonly startHint =
    'export it there, give skill() the import.meta.url of that module, or declare its operations inline';

  constructor({ taskType, module }: Skill) {
    super(`${module} does not export the skill "${taskType}", whose handlers run in threads`);
    this.name = 'SkillNotExported';
  }
}

/** Checks at the start what threads will need later. */
@Injectable()
export class ExportedSkills implements OnModuleInit {
  constructor(private readonly profile: AgentProfile) {}

  /** @throws SkillNotExported */
  async onModuleInit(): Promise<void> {
    for (const skill of this.profile.threaded) {
      const exported: object = (await import(skill.module)) as object;
      if (!Object.values(exported).includes(skill)) throw new SkillNotExported(skill);
    }
  }
}

/** Makes the agent's task types known before its first task comes. */
@Injectable()
export class AgentRegistrar implements OnModuleInit {
  constructor(
    private readonly agents: Agents,
    private readonly profile: AgentProfile,
    private readonly env: AgentEnv,
  ) {}

  /** @throws AgentNotAdmitted */
  onModuleInit(): Promise<void> {
    return this.agents.register(this.profile.registration, this.env.AGENT_TOKEN);
  }
}

const everyMs = 1_000;
/** Heartbeats between two writes of the time at which the agent was last seen. */
const beatsPerWrite = 10;

const megabyte = 1_000_000;
/**
 * Milliseconds between two looks at the event loop, which is how exactly its delay is known; only seconds of it matter. Each
 * look wakes the process: 50 a second took 2.5 ms of CPU time a second.
 */
const lagResolutionMs = 100;

/** Publishes once a second that this worker is alive, how it fares, how busy it is and how much it has done. */
@Injectable()
export class HeartbeatReporter implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private beats = 0;
  private isLeaving = false;
  private readonly delay = monitorEventLoopDelay({ resolution: lagResolutionMs });
  private readonly version: string;

  constructor(
    private readonly publisher: Publisher,
    private readonly agents: Agents,
    private readonly profile: AgentProfile,
    private readonly info: ServiceInfo,
    private readonly slots: Slots,
    private readonly meter: AttemptMeter,
  ) {
    this.version = profile.registration.version;
  }

  onModuleInit(): void {
    this.delay.enable();
    this.timer = setInterval(() => {
      this.beat();
    }, everyMs);
  }

  /** Before running tasks get their time to end: from here on the agent is not missed. */
  onModuleDestroy(): void {
    this.isLeaving = true;
    this.beat();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.delay.disable();
  }

  // A lost heartbeat is followed by the next: it is neither awaited nor repeated.
  private beat(): void {
    const { finished, failed } = this.meter.totals;
    this.publisher
      .publish('agent.heartbeat', {
        agent: this.profile.name,
        instance: this.info.instance,
        host: this.info.host,
        version: this.version,
        slots: this.slots.total,
        running: this.slots.taken,
        finished_total: finished,
        failed_total: failed,
        memory_mb: Math.round(process.memoryUsage.rss() / megabyte),
        lag_ms: this.lagMs(),
        ...(this.isLeaving && { leaving: true as const }),
        at: new Date().toISOString(),
      })
      .catch(() => undefined);
    if (this.beats++ % beatsPerWrite === 0) this.agents.seen(this.profile.name, this.version).catch(() => undefined);
  }

  // The histogram holds the time from one look to the next, which is the resolution while nothing is late.
  private lagMs(): number {
    const longest = this.delay.count === 0 ? 0 : this.delay.max / 1e6;
    this.delay.reset();
    return Math.max(0, Math.round(longest - lagResolutionMs));
  }
}
