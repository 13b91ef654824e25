import { Injectable } from '@nestjs/common';
import { Admission, type NewTask, type Principal, TaskIntake } from '@pulser/context-bus';
import { type BatchAnswer, HttpError } from '@pulser/contracts';
import { problemOf } from '@pulser/service-kit';

import { GatewayMetrics } from '../gateway.metrics.js';
import { batchItem, batchItemKey } from './batch-item.policy.js';
import { Submissions, type Submission } from './submission.service.js';

const view = (outcome: Submission | HttpError): BatchAnswer['items'][number] =>
  outcome instanceof HttpError ? problemOf(outcome) : outcome.task;

/** Accepts many tasks with one statement; a bad one does not refuse the others. */
@Injectable()
export class Batches {
  constructor(
    private readonly submissions: Submissions,
    private readonly intake: TaskIntake,
    private readonly admission: Admission,
    private readonly metrics: GatewayMetrics,
  ) {}

  /** Answers in the order of the items. */
  async submit(caller: Principal, items: readonly unknown[], idempotencyKey?: string): Promise<BatchAnswer> {
    const { tenantId } = caller;
    const prepared = await Promise.all(items.map((item, n) => this.prepare(caller, item, n, idempotencyKey)));
    const outcomes = await this.insert(tenantId, await this.withinQuota(tenantId, prepared));
    const refused = outcomes.filter((outcome) => outcome instanceof HttpError).length;
    return { accepted: outcomes.length - refused, refused, items: outcomes.map(view) };
  }

  private async prepare(
    caller: Principal,
    item: unknown,
    index: number,
    key: string | undefined,
  ): Promise<NewTask | HttpError> {
    const task = batchItem(item, index);
    if (!(task instanceof HttpError)) return this.submissions.prepare(caller, task, batchItemKey(key, index));
    this.metrics.submitted.unknown.refused.inc();
    return task;
  }

  private async withinQuota(
    tenantId: string,
    prepared: readonly (NewTask | HttpError)[],
  ): Promise<(NewTask | HttpError)[]> {
    const wanted = prepared.filter((row) => !(row instanceof HttpError)).length;
    if (wanted === 0) return [...prepared];
    const room = await this.admission.room(tenantId, wanted);
    let admitted = 0;
    return prepared.map((row) => {
      if (row instanceof HttpError) return row;
      admitted += 1;
      return admitted > room.tasks ? this.submissions.noRoom(row, room) : row;
    });
  }

  private async insert(
    tenantId: string,
    prepared: readonly (NewTask | HttpError)[],
  ): Promise<(Submission | HttpError)[]> {
    const rows = prepared.filter((row): row is NewTask => !(row instanceof HttpError));
    const accepted = rows.length === 0 ? [] : await this.intake.insertAll(tenantId, rows);
    const answers = new Map(rows.map((row, n) => [row, accepted[n]]));
    return prepared.map((row) => {
      if (row instanceof HttpError) return row;
      const answer = answers.get(row);
      if (answer === undefined) throw new Error('A row of a batch has no answer');
      return this.submissions.outcome(row, answer);
    });
  }
}
