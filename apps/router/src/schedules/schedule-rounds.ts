// Fires schedules whose time has come. Each schedule is taken for itself: what fails for one is noted at that one.
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { settlesWithin } from '@pulser/concurrency';
import {
  authorPrincipal,
  type AuthorRefusal,
  authorRefusal,
  type DueSchedule,
  type FiredTime,
  firing,
  FireOvertaken,
  Intake,
  lostTexts,
  rulesOf,
  scheduler,
  type ScheduleRules,
  ScheduleSweep,
  submissionRefusal,
  TaskCancel,
  TimeTaken,
} from '@pulser/context-bus';
import { isOutage, type ScheduledTask, type SkipReason } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Occurrences } from '@pulser/schedules';
import { Logger, messageOf, Rounds } from '@pulser/service-kit';

import { RouterEnv } from '../router.env.js';
import { nextStep, type Step } from './firing.policy.js';
import { ScheduleMeter } from './schedule-meter.js';

const everyMs = 250;
/** Schedules of one statement, and how many are worked on at most: one that hangs takes a place, and holds no other up. */
const batch = 32;
const maxOpen = 128;
/** Milliseconds for which a round waits for those it took. */
const patienceMs = 500;
/** Fires of which the ends are looked at in one statement. */
const maxSettled = 500;
/** Of failures in a row on our side, after which a schedule is paused, and the longest wait between two of them in seconds. */
const maxFailures = 8;
const maxRetryS = 60;

/** Which time a step is about. */
const timeOf = (step: Step): FiredTime | undefined => {
  switch (step.do) {
    case 'rest':
    case 'keep only':
      return undefined;
    case 'start pending':
    case 'skip pending':
      return { of: 'pending', nominalAt: step.fire.nominalAt };
    case 'start':
    case 'buffer':
    case 'skip':
      return { of: 'next', nominalAt: step.nominalAt, then: step.then };
  }
};

/** Why the author may not submit the task, whatever else becomes of the time. */
const lostRights = (schedule: Taken): AuthorRefusal | undefined => {
  if (schedule.lost !== null) return { reason: 'rights', detail: lostTexts[schedule.lost] };
  const { task_type } = schedule.task;
  const code = submissionRefusal(authorPrincipal(schedule), task_type);
  if (code === undefined) return undefined;
  return authorRefusal(
    code === 'forbidden' ? { code, role: schedule.role } : { code, taskType: task_type, allowed: schedule.types ?? [] },
  );
};

/** A schedule that is worked on, with what of it was read. */
export interface Taken extends DueSchedule {
  readonly rules: ScheduleRules;
  readonly task: ScheduledTask;
  /** By the monotonic clock, in milliseconds. */
  readonly claimedAt: number;
}

@Injectable()
export class ScheduleRounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** Under way, by the id of the schedule: one that hangs is taken once. */
  private readonly open = new Map<string, Promise<void>>();
  /** Of all schedules: those that were taken are due again soon. */
  private outage: Error | undefined;
  private isOver = false;

  constructor(
    private readonly sweep: ScheduleSweep,
    private readonly intake: Intake,
    private readonly cancels: TaskCancel,
    private readonly publisher: Publisher,
    private readonly meter: ScheduleMeter,
    private readonly env: RouterEnv,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.every(Math.min(this.env.SWEEP_MS, everyMs), async () => {
      let due: number;
      do {
        await this.sweep.settle(maxSettled);
        due = await this.round();
      } while (due === batch);
      const outage = this.outage;
      this.outage = undefined;
      if (outage !== undefined) throw outage;
    });
  }

  /** What is under way ends while there is a database. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.open.values());
  }

  /** @returns how many schedules were due */
  private async round(): Promise<number> {
    if (this.isOver) return 0;
    const due = await this.sweep.claim(Math.min(batch, maxOpen - this.open.size));
    const claimedAt = performance.now();
    for (const schedule of due) if (!this.open.has(schedule.scheduleId)) this.begin(schedule, claimedAt);
    await settlesWithin(patienceMs, Promise.all(due.flatMap(({ scheduleId }) => this.open.get(scheduleId) ?? [])));
    return due.length;
  }

  private begin(schedule: DueSchedule, claimedAt: number): void {
    const work = this.attend(schedule, claimedAt).finally(() => this.open.delete(schedule.scheduleId));
    this.open.set(schedule.scheduleId, work);
  }

  /** Never rejects. @param claimedAt by the monotonic clock, in milliseconds */
  private async attend(schedule: DueSchedule, claimedAt: number): Promise<void> {
    try {
      const { rules, task } = rulesOf(schedule);
      const step = nextStep(schedule, rules, new Occurrences(rules));
      await this.take({ ...schedule, rules, task, claimedAt }, step);
    } catch (error) {
      // Another router did it, or the schedule was changed: it is looked at again.
      if (error instanceof FireOvertaken) return;
      if (isOutage(error)) this.outage = error;
      else await this.noteFailure(schedule, error).catch(() => undefined);
    }
  }

  private async take(schedule: Taken, step: Step): Promise<void> {
    const time = timeOf(step);
    const lost = lostRights(schedule);
    if (time === undefined || lost === undefined) await this.doStep(schedule, step);
    else await this.refuse(schedule, time, lost);
  }

  private async doStep(schedule: Taken, step: Step): Promise<void> {
    switch (step.do) {
      case 'rest':
        return this.sweep.rest(schedule, step.dueAt);
      case 'keep only':
        await this.sweep.keepOnly(schedule, step.fire);
        return this.sweep.rest(schedule, step.dueAt);
      case 'skip pending':
        return this.skip(schedule, { of: 'pending', nominalAt: step.fire.nominalAt }, step);
      case 'skip':
        return this.skip(schedule, { of: 'next', nominalAt: step.nominalAt, then: step.then }, step);
      case 'buffer': {
        const time = { of: 'next', nominalAt: step.nominalAt, then: step.then } as const;
        await this.sweep.record(schedule, time, { state: 'pending' }, schedule.rules.overlap);
        return;
      }
      case 'start pending':
        if (step.cancelling) await this.cancelOthers(schedule, step.fire.nominalAt);
        return this.start(schedule, { of: 'pending', nominalAt: step.fire.nominalAt });
      case 'start':
        if (step.cancelling) await this.cancelOthers(schedule, step.nominalAt);
        return this.start(schedule, { of: 'next', nominalAt: step.nominalAt, then: step.then });
    }
  }

  private async start(schedule: Taken, time: FiredTime): Promise<void> {
    const { rules, task } = schedule;
    try {
      const order = { submit: task, scheduleId: schedule.scheduleId };
      const alongside = firing(schedule, time, rules.overlap);
      const [outcome] = await this.intake.submit(authorPrincipal(schedule), [order], { alongside });
      if (outcome?.kind === 'refused') await this.refuse(schedule, time, authorRefusal(outcome.refusal));
      else if (outcome?.kind === 'existing') this.meter.skipped('unique', 1);
      else this.meter.started(schedule, time, performance.now() - schedule.claimedAt);
    } catch (error) {
      if (!(error instanceof TimeTaken)) throw error;
      await this.sweep.record(schedule, time, { state: 'skipped' }, rules.overlap);
    }
  }

  private async refuse(schedule: Taken, time: FiredTime, why: AuthorRefusal): Promise<void> {
    await this.skip(schedule, time, why);
    if (why.reason === 'rights') await this.sweep.pause(schedule, 'rights', why.detail);
  }

  private async skip(
    schedule: Taken,
    time: FiredTime,
    why: {
      readonly reason: SkipReason;
      readonly detail?: string;
      readonly times?: number;
      readonly lastNominalAt?: Date;
    },
  ): Promise<void> {
    const { reason, detail, times, lastNominalAt } = why;
    const outcome = {
      ...({ state: 'skipped', reason } as const),
      ...(detail !== undefined && { detail }),
      ...(times !== undefined && { times }),
      ...(lastNominalAt !== undefined && { lastNominalAt }),
    };
    await this.sweep.record(schedule, time, outcome, schedule.rules.overlap);
    this.meter.skipped(reason, times ?? 1);
  }

  /** Not the one of this very time: another router may have started it meanwhile. */
  private async cancelOthers(schedule: DueSchedule, nominalAt: Date): Promise<void> {
    for (const taskId of await this.sweep.running(schedule, nominalAt)) {
      const cancelled = await this.cancels.cancel(schedule.tenantId, scheduler, taskId);
      const events = cancelled.map((one) => ({
        task_id: one.taskId,
        tenant_id: schedule.tenantId,
        task_type: one.taskType,
        agent: one.agent,
        attempt: one.attempt,
      }));
      // The rows are written: a reader that misses the message reads them.
      if (events.length > 0) void this.publisher.publish('task.cancelled', events).catch(() => undefined);
    }
  }

  private async noteFailure(schedule: DueSchedule, err: unknown): Promise<void> {
    const { tenantId, name, failures } = schedule;
    this.logger.warn({ err, tenantId, schedule: name }, 'a schedule could not be fired');
    this.meter.failed();
    // Nothing more can be done for it, until it is written again or resumed.
    if (schedule.paused) await this.sweep.rest(schedule, null);
    else if (failures + 1 >= maxFailures) await this.sweep.pause(schedule, 'error', messageOf(err));
    else await this.sweep.failed(schedule, Math.min(maxRetryS, 2 ** failures));
  }
}
