import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type DueSchedule, type FiredTime, type ScheduleRules, ScheduleSweep } from '@pulser/context-bus';
import { pauseKinds, type SkipReason, skipReasons } from '@pulser/contracts';
import { Metrics, Rounds } from '@pulser/service-kit';

import { jitterMs } from './firing.policy.js';

const readEveryMs = 5_000;

type FiredSchedule = Pick<DueSchedule, 'scheduleId' | 'now'> & { readonly rules: ScheduleRules };

/** Counts what becomes of the times of schedules, and how late they fire. */
@Injectable()
export class ScheduleMeter implements OnApplicationBootstrap {
  private readonly fires;
  private readonly lateness;
  private readonly errors;
  private readonly late;
  private readonly paused;

  constructor(
    private readonly sweep: ScheduleSweep,
    private readonly rounds: Rounds,
    metrics: Metrics,
  ) {
    this.fires = metrics.counter({
      name: 'pulser_schedule_fires_total',
      help: 'Times of schedules by what became of them: started, or why they were skipped',
      labelNames: ['outcome'],
    });
    for (const outcome of ['started', ...skipReasons]) this.fires.labels(outcome).inc(0);
    this.lateness = metrics.histogram({
      name: 'pulser_schedule_lateness_seconds',
      help: 'From the time of a schedule, with its jitter, until its task was committed; without those that were asked for or waited for another task',
      buckets: [0.1, 0.25, 0.5, 0.75, 1, 2, 5, 15, 60, 300, 3_600],
    });
    this.errors = metrics.counter({
      name: 'pulser_schedule_errors_total',
      help: 'Times of schedules that could not be fired by our fault, each try',
    });
    this.late = metrics.gauge({
      name: 'pulser_schedule_overdue_seconds',
      help: 'For how long the schedule is due that waits longest; every router reports the same',
    });
    this.paused = metrics.gauge({
      name: 'pulser_schedules_paused',
      help: 'Schedules that are paused, by why; every router reports the same',
      labelNames: ['kind'],
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.every(readEveryMs, () => this.read());
  }

  /** @param sinceMs milliseconds since the database's `now` */
  started({ scheduleId, now, rules }: FiredSchedule, { of, nominalAt }: FiredTime, sinceMs: number): void {
    this.fires.labels('started').inc();
    if (of === 'pending') return;
    const dueMs = nominalAt.getTime() + jitterMs(scheduleId, nominalAt, rules.jitter_s);
    this.lateness.observe(Math.max(0, now.getTime() + sinceMs - dueMs) / 1_000);
  }

  skipped(reason: SkipReason, times: number): void {
    this.fires.labels(reason).inc(times);
  }

  failed(): void {
    this.errors.inc();
  }

  private async read(): Promise<void> {
    const { lateS, paused } = await this.sweep.standing();
    this.late.set(lateS);
    for (const kind of pauseKinds) this.paused.labels(kind).set(paused[kind] ?? 0);
  }
}
