// Schedules as the API shows and changes them.
import { Injectable } from '@nestjs/common';
import {
  type FireRow,
  Intake,
  type Refusal,
  type ScheduleRow,
  Schedules,
  submissionRefusal,
} from '@pulser/context-bus';
import {
  type Backfilled,
  type BackfillOrder,
  type FirePage,
  type FireQuery,
  type FireView,
  HttpError,
  maxBackfill,
  maxSchedules,
  type OverlapPolicy,
  type ScheduleDetail,
  type ScheduleList,
  type ScheduleName,
  type ScheduleOrder,
  type SchedulePause,
  type SchedulePreview,
  type ScheduleTimes,
  type ScheduleView,
} from '@pulser/contracts';
import { Occurrences, timesFault } from '@pulser/schedules';

import type { RequestCaller } from '../access/caller.js';
import { notFound } from '../rest/parameters.js';
import { refusalToHttp } from '../tasks/submissions.service.js';
import { Submitters } from '../tasks/submitters.js';

const shownTimes = 10;

const text = (at: Date | null): string | null => at?.toISOString() ?? null;

const fireView = (row: FireRow): FireView => ({
  nominal_at: row.nominalAt.toISOString(),
  origin: row.origin,
  state: row.state,
  reason: row.reason,
  detail: row.detail,
  times: row.times,
  last_nominal_at: text(row.lastNominalAt),
  task_id: row.taskId,
  fired_at: text(row.firedAt),
  ended_at: text(row.endedAt),
  by: row.askedBy,
});

const pauseView = ({ pausedKind, pausedNote, pausedBy, pausedAt }: ScheduleRow): SchedulePause | null =>
  pausedKind === null || pausedAt === null
    ? null
    : { kind: pausedKind, note: pausedNote, by: pausedBy, at: pausedAt.toISOString() };

const scheduleView = (row: ScheduleRow): ScheduleView => ({
  name: row.name,
  revision: row.revision,
  ...row.rules,
  start: row.rules.start ?? null,
  end: row.rules.end ?? null,
  task: row.task,
  author: row.author,
  created_at: row.createdAt.toISOString(),
  changed_at: row.changedAt.toISOString(),
  next_at: row.pausedAt === null ? text(row.nominalAt) : null,
  paused: pauseView(row),
  last: row.last && fireView(row.last),
  pending: row.pending,
  running: row.running,
  skipped: row.skipped,
});

/** From the one that is due next: it may lie a moment back. */
const nextTimes = ({ rules, nominalAt, pausedAt, now }: ScheduleRow): string[] => {
  const from = pausedAt === null && nominalAt !== null && nominalAt < now ? new Date(nominalAt.getTime() - 1) : now;
  return new Occurrences(rules).list(from, shownTimes).map((at) => at.toISOString());
};

/** What is wrong with the task, as a member of the schedule. */
const withinTask = (refusal: Refusal): Refusal =>
  'problems' in refusal
    ? { ...refusal, problems: refusal.problems.map((one) => ({ ...one, pointer: `/task${one.pointer}` })) }
    : refusal;

const refuseTimes = (times: ScheduleTimes): void => {
  const fault = timesFault(times, new Date());
  if (fault !== undefined) throw new HttpError('invalid_request', { errors: [fault] });
};

// What follows the prefix may change with it; clients send back what they got.
const cursorPrefix = 'v1:';

const cursorAt = (at: Date): string => Buffer.from(cursorPrefix + at.toISOString()).toString('base64url');

const startOf = (cursor: string | undefined): Date | undefined => {
  if (cursor === undefined) return undefined;
  const decoded = Buffer.from(cursor, 'base64url').toString('latin1');
  const at = new Date(decoded.slice(cursorPrefix.length));
  if (decoded.startsWith(cursorPrefix) && !Number.isNaN(at.getTime()) && cursorAt(at) === cursor) return at;
  const detail = 'Not a cursor of this API: send `next_cursor` as it came, or none for the first page';
  throw new HttpError('invalid_request', { errors: [{ pointer: '/cursor', detail }] });
};

@Injectable()
export class SchedulesService {
  constructor(
    private readonly schedules: Schedules,
    private readonly intake: Intake,
    private readonly submitters: Submitters,
  ) {}

  async list(tenantId: string): Promise<ScheduleList> {
    return { schedules: (await this.schedules.list(tenantId)).map(scheduleView) };
  }

  /** @throws HttpError `not_found` */
  async find(tenantId: string, name: ScheduleName): Promise<ScheduleDetail> {
    const row = await this.found(tenantId, name);
    const author_name = await this.submitters.nameOf(tenantId, row.author);
    return { ...scheduleView(row), author_name, next: nextTimes(row) };
  }

  /** @throws HttpError `invalid_request` for times that no schedule can have */
  preview(times: ScheduleTimes): SchedulePreview {
    refuseTimes(times);
    return { next: new Occurrences(times).list(new Date(), shownTimes).map((at) => at.toISOString()) };
  }

  /** @throws HttpError `invalid_request`; what a submission may be refused for; `conflict` when there are too many */
  async put(
    caller: RequestCaller,
    name: ScheduleName,
    order: ScheduleOrder,
  ): Promise<{ created: boolean; schedule: ScheduleDetail }> {
    refuseTimes(order);
    const trial = await this.intake.check(caller, { submit: order.task });
    // Quotas are of a moment: they are looked at when it fires.
    if (trial.kind === 'refused' && !('retryAfterS' in trial.refusal)) throw refusalToHttp(withinTask(trial.refusal));
    const written = await this.schedules.write(caller, caller.actor, name, order, maxSchedules);
    if (written === 'too many')
      throw new HttpError('conflict', { detail: `There are ${maxSchedules} schedules already: delete one` });
    return { created: written === 'created', schedule: await this.find(caller.tenantId, name) };
  }

  /** @throws HttpError `not_found` */
  async remove({ tenantId, actor }: RequestCaller, name: ScheduleName): Promise<void> {
    if (!(await this.schedules.remove(tenantId, actor, name))) throw notFound('schedule');
  }

  /** @throws HttpError `not_found` */
  async pause({ tenantId, actor }: RequestCaller, name: ScheduleName, note?: string): Promise<ScheduleDetail> {
    await this.schedules.pause(tenantId, actor, name, note);
    return this.find(tenantId, name);
  }

  /** @throws HttpError `not_found` */
  async resume({ tenantId, actor }: RequestCaller, name: ScheduleName): Promise<ScheduleDetail> {
    await this.schedules.resume(tenantId, actor, name);
    return this.find(tenantId, name);
  }

  /** @throws HttpError `not_found`; `forbidden` for a caller that may not submit its task */
  async trigger(caller: RequestCaller, name: ScheduleName, overlap?: OverlapPolicy): Promise<FireView> {
    await this.allowed(caller, name);
    const fire = await this.schedules.trigger(caller.tenantId, caller.actor, name, overlap);
    if (fire === undefined) throw notFound('schedule');
    return fireView(fire);
  }

  /** @throws HttpError `not_found`; `forbidden` as `trigger`; `invalid_request` for too long a range, or one that lies ahead */
  async backfill(caller: RequestCaller, name: ScheduleName, order: BackfillOrder): Promise<Backfilled> {
    await this.allowed(caller, name);
    const done = await this.schedules.backfill(caller.tenantId, caller.actor, name, order);
    if (done === undefined) throw notFound('schedule');
    if (typeof done === 'object') return done;
    const detail =
      done === 'ahead'
        ? 'It must not lie in the future'
        : `The range has more than ${maxBackfill} times: take a part of it`;
    throw new HttpError('invalid_request', { errors: [{ pointer: '/to', detail }] });
  }

  /** @throws HttpError `not_found`, `invalid_request` */
  async fires(tenantId: string, name: ScheduleName, { state, limit, cursor }: FireQuery): Promise<FirePage> {
    const before = startOf(cursor);
    await this.found(tenantId, name);
    const rows = await this.schedules.fires(tenantId, name, { state, before, limit });
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { fires: rows.map(fireView), next_cursor: last === undefined ? null : cursorAt(last.nominalAt) };
  }

  /** What a schedule does for its author, no one may make it do who may not submit its task. */
  private async allowed(caller: RequestCaller, name: ScheduleName): Promise<void> {
    const { task } = await this.found(caller.tenantId, name);
    if (submissionRefusal(caller, task.task_type) === undefined) return;
    throw new HttpError('forbidden', { detail: `This key may not submit tasks of the type ${task.task_type}` });
  }

  private async found(tenantId: string, name: ScheduleName): Promise<ScheduleRow> {
    const row = await this.schedules.find(tenantId, name);
    if (row === undefined) throw notFound('schedule');
    return row;
  }
}
