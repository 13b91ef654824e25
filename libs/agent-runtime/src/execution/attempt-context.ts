import { type LogLevel, TaskError, type TaskType } from '@pulser/contracts';
import { type Artifacts, maxEventsPerAttempt, type TaskEvents } from '@pulser/context-bus';

import type { TaskContext } from '../skills/task-context.js';
import type { FactsPublisher } from '../facts/facts.publisher.js';
import type { Attempt } from './attempt.js';

export interface ContextParts {
  readonly events: TaskEvents;
  readonly artifacts: Artifacts;
  readonly facts: FactsPublisher;
  readonly artifactMaxBytes: number;
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

  constructor(
    private readonly current: Attempt,
    private readonly parts: ContextParts,
  ) {
    this.taskId = current.claim.taskId;
    this.tenantId = current.claim.tenantId;
    this.taskType = current.nudge.task_type;
    this.attempt = current.claim.attempt;
    this.signal = current.signal;
    this.deadline = current.limit.end;
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
    if (content.byteLength > this.parts.artifactMaxBytes) {
      throw new TaskError('result_too_large', `The artifact "${name}" is too large`, {
        details: { bytes: content.byteLength, max_bytes: this.parts.artifactMaxBytes },
      });
    }
    await this.parts.artifacts.put(this.current.claim, { name, mediaType, content: Buffer.from(content) });
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
    await this.parts.events.append({ ...this.current.claim, place, body });
    this.parts.facts.tell('task.progress', this.current, {});
  }
}
