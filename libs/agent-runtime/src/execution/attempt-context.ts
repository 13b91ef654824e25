import { type LogLevel, TaskError, type TaskType } from '@pulser/contracts';
import { maxEventsPerAttempt } from '@pulser/context-bus';

import { AttemptEffects } from '../effects/attempt-effects.js';
import type { EffectLedger } from '../effects/effect-ledger.js';
import { EffectRuns } from '../effects/effect-runs.js';
import type { Effect, TaskContext } from '../skills/task-context.js';
import type { Attempt } from './attempt.js';
import type { AttemptKeeping } from './attempt-keeping.js';

export interface ContextParts {
  readonly keeping: AttemptKeeping;
  /** A line or a progress that could not be kept. */
  readonly onLost: (error: unknown) => void;
}

/** What the handler of one attempt is given. */
export class AttemptContext implements TaskContext {
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: TaskType;
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly deadline: Date;
  private place = 0;
  private readonly pending = new Set<Promise<void>>();
  private effects: EffectRuns | undefined;

  constructor(
    private readonly current: Attempt,
    private readonly parts: ContextParts,
  ) {
    this.taskId = current.claim.taskId;
    this.tenantId = current.claim.tenantId;
    this.taskType = current.dispatch.task_type;
    this.attempt = current.claim.attempt;
    this.signal = current.signal;
    this.deadline = current.deadline;
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.keep({ type: 'log', attempt: this.attempt, level, message, ...(fields !== undefined && { fields }) });
  }

  progress(percent: number, message?: string): void {
    const bounded = Math.min(100, Math.max(0, percent));
    const text = message === undefined ? {} : { message };
    this.keep({ type: 'progress', attempt: this.attempt, percent: bounded, ...text });
  }

  async artifact(name: string, mediaType: string, content: Uint8Array): Promise<void> {
    const { stores, limits } = this.parts.keeping;
    if (content.byteLength > limits.ARTIFACT_MAX_BYTES) {
      throw new TaskError('result_too_large', `The artifact "${name}" is too large`, {
        details: { bytes: content.byteLength, max_bytes: limits.ARTIFACT_MAX_BYTES },
      });
    }
    await stores.artifacts.put(this.current.claim, { name, mediaType, content: Buffer.from(content) });
  }

  once<T>(key: string, effect: (effect: Effect) => Promise<T>): Promise<T> {
    const { tenantId, taskId, ledger } = this;
    const resultMaxBytes = this.parts.keeping.limits.RESULT_MAX_BYTES;
    this.effects ??= new EffectRuns({ tenantId, taskId, ledger, resultMaxBytes });
    return this.effects.once(key, effect);
  }

  /** Where the effects of this attempt are written down. */
  get ledger(): EffectLedger {
    return new AttemptEffects(this.current, this.parts.keeping.stores.effects);
  }

  /** Resolves when every line so far is kept or lost: the end of a task comes after them. */
  async flushed(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  private keep(body: Readonly<Record<string, unknown>>): void {
    if (this.signal.aborted || this.place >= maxEventsPerAttempt) return;
    this.place += 1;
    const kept = this.append(this.place, body).catch(this.parts.onLost);
    this.pending.add(kept);
    void kept.then(() => this.pending.delete(kept));
  }

  private async append(place: number, body: Readonly<Record<string, unknown>>): Promise<void> {
    await this.parts.keeping.stores.events.append({ ...this.current.claim, place, body });
    this.parts.keeping.facts.tell('task.progress', this.current, {});
  }
}
