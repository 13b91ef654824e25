// Many tasks with one request: each item is checked alone, and a bad one does not refuse the others.
import { Body, Controller, HttpCode, HttpStatus, Module, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import { batchItemKey, type Order, type Outcome, type Principal } from '@pulser/context-bus';
import {
  BatchAnswer,
  fieldProblems,
  type FieldProblem,
  HttpError,
  jsonLimits,
  SubmitBatch,
  SubmitTask,
} from '@pulser/contracts';
import { bodyTooLarge, problemOf } from '@pulser/service-kit';

import { Caller } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { BodyExample, bodyProblems, Documented, submissionExample } from '../docs/documented.js';
import { IdempotencyKey, IdempotencyKeyHeader } from '../rest/parameters.js';
import { submissionOf, Submissions, TaskMetrics } from '../tasks/submissions.service.js';
import { TasksModule } from '../tasks/tasks.module.js';

const maxBatchBytes = 16_777_216;

@ApiTags('tasks')
@Controller('api/v1/tasks/batch')
export class BatchesController {
  constructor(
    private readonly submissions: Submissions,
    private readonly metrics: TaskMetrics,
  ) {}

  @Role('operator')
  @Documented({
    id: 'submitTasks',
    summary: 'Submit up to 1,000 tasks',
    description:
      'Each is checked alone: a bad one does not refuse the others. With an idempotency key each item gets a key of its own.',
    answers: [{ status: 202, description: 'One answer per item, in their order', schema: BatchAnswer }],
    problems: bodyProblems,
  })
  @IdempotencyKeyHeader()
  @BodyExample({ tasks: [submissionExample] })
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @RouteConfig({ bodyLimit: maxBatchBytes })
  async submit(
    @Caller() caller: Principal,
    @Body({ schema: SubmitBatch }) { tasks }: SubmitBatch,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BatchAnswer> {
    const items = tasks.map((item, n) => orderOf(item, n, key));
    const orders = items.filter((item): item is Order => !(item instanceof HttpError));
    if (orders.length < items.length) this.metrics.submitted(undefined, 'refused', items.length - orders.length);
    const outcomes = await this.submissions.submitAll(caller, orders);
    const accepted = outcomes.filter(({ kind }) => kind === 'created' || kind === 'existing').length;
    const byOrder = new Map(orders.map((order, n) => [order, outcomes[n]]));
    return {
      accepted,
      refused: items.length - accepted,
      items: items.map((item, n) => (item instanceof HttpError ? problemOf(item) : answerOf(byOrder.get(item), n))),
    };
  }
}

@Module({ imports: [TasksModule], controllers: [BatchesController] })
export class BatchesModule {}

const inBatch = (errors: readonly FieldProblem[], index: number): FieldProblem[] =>
  errors.map(({ pointer, detail }) => ({ pointer: `/tasks/${index}${pointer}`, detail }));

/** An item as an order, or what is wrong with it; pointers go into the whole batch. */
const orderOf = (item: unknown, index: number, key: string | undefined): Order | HttpError => {
  const parsed = SubmitTask.safeParse(item);
  if (!parsed.success) {
    return new HttpError('invalid_request', { errors: inBatch(fieldProblems(parsed.error), index) });
  }
  if (isTooLarge(parsed.data)) return bodyTooLarge(jsonLimits.maxBytes);
  // Each item has a key of its own, so that a batch that is sent again makes no task twice.
  return { submit: parsed.data, idempotencyKey: key === undefined ? undefined : batchItemKey(key, index) };
};

// The limit of a task that is submitted alone.
const isTooLarge = (task: SubmitTask): boolean => Buffer.byteLength(JSON.stringify(task)) > jsonLimits.maxBytes;

const answerOf = (outcome: Outcome | undefined, index: number): BatchAnswer['items'][number] => {
  if (outcome === undefined) throw new Error('An item of a batch has no outcome');
  const submission = submissionOf(outcome);
  if (!(submission instanceof HttpError)) return submission.task;
  const { errors, ...problem } = problemOf(submission);
  return errors === undefined ? problem : { ...problem, errors: inBatch(errors, index) };
};
