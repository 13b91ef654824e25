// The lazy claim. A repeatable operation runs at once when its message comes, and only its end is written: in one
// compare-and-set from `queued` to `completed`. A claim is made when something needs it: 100 ms of running (the lease, and
// that others see the task run), a line, an artifact, an effect, a failure.
import { Injectable } from '@nestjs/common';
import { type Claim, Pauses, TaskClaims } from '@pulser/context-bus';
import type { TaskDispatch } from '@pulser/contracts';

import { AgentProfile } from '../agent/agent-profile.js';
import { LeaseLost } from '../context/attempt.js';
import { sharedTimer } from '../context/shared-timer.js';
import { UnclaimedAttempt } from '../context/unclaimed-attempt.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
import { AttemptRunner, requestOf } from './attempt-runner.js';

/** A row is dispatched again 4 s after its insert, if it is still queued: by then it must be claimed. */
const maxAgeMs = 3_000;

/** Milliseconds for which an attempt may run without a claim; up to a tick of the shared timer longer. */
const claimAfterMs = 100;

/**
 * Milliseconds since a task was inserted: its id is a UUIDv7, which begins with the time. By two clocks; when they are far
 * apart, the task seems far from new.
 */
export const ageOf = (taskId: string, now: number): number =>
  now - Number.parseInt(taskId.slice(0, 8) + taskId.slice(9, 13), 16);

/** Whether a claim would be the first one, and need not be made before the handler starts. */
export const isNew = (dispatch: TaskDispatch, now: number): boolean =>
  dispatch.fresh === true && Math.abs(ageOf(dispatch.task_id, now)) <= maxAgeMs;

/** Milliseconds for which it counts that nothing was paused. */
const knownForMs = 1_000;

/** Whether anything is paused, as of the last second: a claim finds it out for its own row, but here there is none. */
@Injectable()
export class KnownPauses {
  private none = false;
  private askedAt = -Infinity;
  private asking = false;

  constructor(private readonly pauses: Pauses) {}

  /** False also when it is not known: then a claim finds out. */
  get nothingIsPaused(): boolean {
    const ageMs = performance.now() - this.askedAt;
    if (ageMs > knownForMs / 2 && !this.asking) void this.ask();
    return this.none && ageMs <= knownForMs;
  }

  private async ask(): Promise<void> {
    const askedAt = performance.now();
    this.asking = true;
    try {
      this.none = !(await this.pauses.exist());
      this.askedAt = askedAt;
    } catch {
      // The database is away: what was known grows old.
    } finally {
      this.asking = false;
    }
  }
}

/** Runs repeatable operations without a claim, as long as nothing needs one. */
@Injectable()
export class UnclaimedRuns {
  /** A message that could not be handled is tried again as the same objects, with the tasks in it that have ended. */
  private readonly begun = new WeakSet<TaskDispatch>();

  constructor(
    private readonly profile: AgentProfile,
    private readonly pauses: KnownPauses,
    private readonly claims: TaskClaims,
    private readonly events: TaskEventPublisher,
    private readonly runner: AttemptRunner,
  ) {}

  /** Whether the task may run before it is claimed. Must be asked at the first delivery of the message only. */
  accepts(dispatch: TaskDispatch): boolean {
    return (
      isNew(dispatch, Date.now()) &&
      !this.begun.has(dispatch) &&
      this.isRepeatable(dispatch) &&
      this.pauses.nothingIsPaused
    );
  }

  /** Whether a lost worker may have run the task without a claim. */
  mayHaveRun(dispatch: TaskDispatch): boolean {
    return dispatch.fresh === true && this.isRepeatable(dispatch);
  }

  /** As AttemptRunner.run. */
  async run(dispatch: TaskDispatch): Promise<void> {
    this.begun.add(dispatch);
    const { timeLimitMs } = this.profile.limitsOf(dispatch.task_type);
    const waitedMs = Math.max(0, ageOf(dispatch.task_id, Date.now()));
    const attempt = new UnclaimedAttempt(dispatch, { timeLimitMs, waitedMs }, (one) => this.claim(one));
    const lasting = {
      overAt: attempt.since + claimAfterMs,
      timeUp: () => {
        // A refusal aborts the attempt; any other error is met again at its end.
        attempt.claimed().catch(() => undefined);
      },
    };
    sharedTimer.watch(lasting);
    try {
      await this.runner.toItsEnd(attempt);
    } finally {
      sharedTimer.forget(lasting);
    }
  }

  private async claim(attempt: UnclaimedAttempt): Promise<Claim | undefined> {
    const { dispatch, ageMs } = attempt;
    const claim = await this.claims.claim({ ...requestOf(dispatch), ranMs: ageMs });
    if (claim === undefined) return undefined;
    // Another worker had it meanwhile, while the handler thinks that its own is the first attempt; or the attempt has ended.
    if (claim.attempt > 1 || attempt.signal.reason instanceof LeaseLost) {
      await this.claims.release([claim]);
      return undefined;
    }
    this.events.publish('task.started', attempt, {});
    return claim;
  }

  // An attempt that is lost unseen must leave another one; the skill may allow fewer than the task, which `fresh` speaks of.
  private isRepeatable({ task_type, payload }: TaskDispatch): boolean {
    const name = payload?.['operation'];
    const operation = typeof name === 'string' ? this.profile.operationsOf(task_type).get(name) : undefined;
    return operation?.repeatable === true && this.profile.limitsOf(task_type).maxAttempts > 1;
  }
}
