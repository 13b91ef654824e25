import { Injectable } from '@nestjs/common';
import {
  Artifacts,
  type EffectState,
  FinishedTasks,
  TaskEffects,
  TaskEventLog,
  TenantSettings,
} from '@pulser/context-bus';
import { outgoingSettingsOf } from '@pulser/outgoing';
import { Logger, Tracer } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
import { checkArtifact } from '../skills/payload-and-result.js';
import type { Operation } from '../skills/skill.js';
import type { Attempt } from './attempt.js';
import { type DataCalls, DataHost } from './data-host.js';
import type { HostCalls } from './handler-context.js';
import { HostBreakers } from './host-breakers.js';
import { MemoryHost } from './memory-host.js';
import { Redaction } from './redaction.policy.js';
import { retryWhileUnavailable } from './retry-while-unavailable.js';
import { noSecrets, secretCall, withoutSecretsIn } from './secret-calls.js';
import { SecretsHost } from './secrets-host.js';
import { TelemetryHost } from './telemetry-host.js';
import { ToolsHost } from './tools-host.js';
import { inSpans } from './traced-calls.js';
import { WaitingHost } from './waiting-host.js';
import { WorkflowHost } from './workflow-host.js';

/** The worker's side of one attempt's context. */
export interface OpenHost {
  readonly calls: HostCalls;
  /** What the handler was given and must not say; undefined when its operation takes no secrets. */
  readonly redaction: Redaction | undefined;
  /** Resolves when every line so far is kept or lost: the end of a task comes after them. */
  readonly flushed: () => Promise<void>;
  /** To be called when the handler has ended: files that it opened go. Never rejects. */
  readonly release: () => Promise<void>;
}

/**
 * Does what handlers ask of their worker, whichever thread they run in. Every write carries the claim of its attempt: of
 * an attempt that no longer has its task nothing is kept.
 */
@Injectable()
export class AttemptHost {
  constructor(
    private readonly events: TaskEventLog,
    private readonly artifacts: Artifacts,
    private readonly effects: TaskEffects,
    private readonly memory: MemoryHost,
    private readonly data: DataHost,
    private readonly secrets: SecretsHost,
    private readonly settings: TenantSettings,
    private readonly hosts: HostBreakers,
    private readonly finished: FinishedTasks,
    private readonly telemetry: TelemetryHost,
    private readonly waiting: WaitingHost,
    private readonly workflows: WorkflowHost,
    private readonly tools: ToolsHost,
    private readonly publisher: TaskEventPublisher,
    private readonly env: AgentEnv,
    private readonly logger: Logger,
    private readonly tracer: Tracer,
  ) {}

  /** The calls of one attempt. What they write is fenced by its claim; one that has none yet gets it first. */
  open(attempt: Attempt, { secrets }: Pick<Operation, 'secrets'>): OpenHost {
    const data = this.data.open(attempt);
    const calls = this.calls(attempt, data.calls);
    const ends = { flushed: () => attempt.lines.flushed(), release: data.release };
    if (secrets !== true) return { calls: this.traced({ ...calls, secret: noSecrets }), redaction: undefined, ...ends };
    const redaction = new Redaction();
    const secret = secretCall((name) => this.secrets.find(attempt, name), redaction);
    // Redacted before it is traced.
    return { calls: withoutSecretsIn(this.traced({ ...calls, secret }), redaction), redaction, ...ends };
  }

  private say(attempt: Attempt, body: Readonly<Record<string, unknown>>): void {
    if (attempt.signal.aborted) return;
    attempt.lines.add((place) => this.append(attempt, place, body));
  }

  private calls(attempt: Attempt, data: DataCalls): Omit<HostCalls, 'secret'> {
    return {
      ...data,
      log: (level, message, fields) => {
        this.say(attempt, { type: 'log', attempt: attempt.attempt, level, message, ...(fields && { fields }) });
      },
      progress: (percent, message) => {
        const text = message === undefined ? {} : { message };
        this.say(attempt, { type: 'progress', attempt: attempt.attempt, percent, ...text });
      },
      artifact: async (name, mediaType, content) => {
        checkArtifact(name, mediaType, content, this.env.ARTIFACT_MAX_BYTES);
        await this.artifacts.put(await attempt.claimed(), { name, mediaType, content: Buffer.from(content) });
      },
      ...this.hosts.open(attempt),
      outgoing: () => Promise.resolve(outgoingSettingsOf(this.env)),
      setting: async (name) => (await this.settings.find(attempt.tenantId, name))?.value,
      beginEffect: (key) => this.beginEffect(attempt, key),
      finishEffect: (key, json) => this.finishEffect(attempt, key, json),
      ...this.memory.calls(attempt),
      ...this.telemetry.calls(attempt),
      ...this.waiting.calls(attempt),
      ...this.workflows.calls(attempt),
      ...this.tools.calls(attempt),
      finishedTasks: async (query) => {
        attempt.signal.throwIfAborted();
        return this.finished.page(attempt.tenantId, query);
      },
    };
  }

  private traced(calls: HostCalls): HostCalls {
    return inSpans(calls, this.tracer, this.tracer.span);
  }

  private async append(attempt: Attempt, place: number, body: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      await this.events.append({ ...(await attempt.claimed()), place, body });
      this.publisher.publish('task.progress', attempt, {});
    } catch (error) {
      this.logger.warn({ err: error }, 'a line of a task was lost');
    }
  }

  private async beginEffect(attempt: Attempt, key: string): Promise<EffectState> {
    const { signal } = attempt;
    const claim = await attempt.claimed();
    const begun = await retryWhileUnavailable(() => {
      signal.throwIfAborted();
      return this.effects.begin(claim, key);
    });
    if (begun === undefined) throw attempt.lose();
    // Aborted meanwhile: the effect has not been tried, so it is not begun any more either.
    signal.throwIfAborted();
    return begun;
  }

  private async finishEffect(attempt: Attempt, key: string, json: string): Promise<void> {
    const claim = await attempt.claimed();
    const written = await retryWhileUnavailable(() => this.effects.finish(claim, key, json));
    if (!written) throw attempt.lose();
  }
}
