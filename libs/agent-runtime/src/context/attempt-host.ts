import { setTimeout as delay } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { Artifacts, type EffectState, maxEventsPerAttempt, TaskEffects, TaskEventLog } from '@pulser/context-bus';
import { DatabaseUnavailable } from '@pulser/database';
import { Logger } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
import { checkArtifact } from '../skills/payload-and-result.js';
import { type Attempt, LeaseLost } from './attempt.js';
import type { HostCalls } from './handler-context.js';

/** The worker's side of one attempt's context. */
export interface OpenHost {
  readonly calls: HostCalls;
  /** Resolves when every line so far is kept or lost: the end of a task comes after them. */
  readonly flushed: () => Promise<void>;
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
    private readonly publisher: TaskEventPublisher,
    private readonly env: AgentEnv,
    private readonly logger: Logger,
  ) {}

  /** The calls of one attempt. What they write is fenced by its claim; one that has none yet gets it first. */
  open(attempt: Attempt): OpenHost {
    const lines = new AttemptLines(attempt, (place, body) => this.append(attempt, place, body));
    return {
      calls: {
        log: (level, message, fields) => {
          lines.add({ type: 'log', attempt: attempt.attempt, level, message, ...(fields && { fields }) });
        },
        progress: (percent, message) => {
          const text = message === undefined ? {} : { message };
          lines.add({ type: 'progress', attempt: attempt.attempt, percent, ...text });
        },
        artifact: async (name, mediaType, content) => {
          checkArtifact(name, mediaType, content, this.env.ARTIFACT_MAX_BYTES);
          await this.artifacts.put(await attempt.claimed(), { name, mediaType, content: Buffer.from(content) });
        },
        beginEffect: (key) => this.beginEffect(attempt, key),
        finishEffect: (key, json) => this.finishEffect(attempt, key, json),
      },
      flushed: () => lines.flushed(),
    };
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
    if (begun === undefined) throw lost(attempt);
    // Aborted meanwhile: the effect has not been tried, so it is not begun any more either.
    signal.throwIfAborted();
    return begun;
  }

  private async finishEffect(attempt: Attempt, key: string, json: string): Promise<void> {
    const claim = await attempt.claimed();
    const written = await retryWhileUnavailable(() => this.effects.finish(claim, key, json));
    if (!written) throw lost(attempt);
  }
}

const lost = (attempt: Attempt): LeaseLost => {
  const reason = new LeaseLost();
  attempt.abort(reason);
  return reason;
};

type Append = (place: number, body: Readonly<Record<string, unknown>>) => Promise<void>;

/** Lines and progress of one attempt, numbered in the order in which they came. */
class AttemptLines {
  private place = 0;
  private readonly pending = new Set<Promise<void>>();

  constructor(
    private readonly attempt: Attempt,
    private readonly append: Append,
  ) {}

  add(body: Readonly<Record<string, unknown>>): void {
    if (this.attempt.signal.aborted || this.place >= maxEventsPerAttempt) return;
    this.place += 1;
    const kept = this.append(this.place, body);
    this.pending.add(kept);
    void kept.then(() => this.pending.delete(kept));
  }

  async flushed(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }
}

const firstPauseMs = 50;
const maxPauseMs = 2_000;

/**
 * Repeats a write while the database is away: an attempt that has ended waits for it, holding its slot. Should another
 * worker have taken the task over meanwhile, the write does nothing.
 */
export const retryWhileUnavailable = async <T>(write: () => Promise<T>): Promise<T> => {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      await delay(pauseMs * (0.5 + Math.random() / 2));
    }
  }
};
