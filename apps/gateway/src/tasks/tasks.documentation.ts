import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader } from '@nestjs/swagger';
import { AcceptedTask, BatchAnswer, TaskPage, TaskSummary, TaskView } from '@pulser/contracts';

import { Documented } from '../docs/documented.js';
import { submissionExample } from '../docs/examples.js';
import { taskIdParameter } from './task-id-parameter.js';

const badBody = [
  'invalid_request',
  'invalid_json',
  'forbidden_key',
  'payload_too_large',
  'unsupported_media_type',
] as const;

const idempotencyHeader = ApiHeader({
  name: 'Idempotency-Key',
  description: '1 to 200 visible ASCII characters. For 24 hours the same key and body make one task',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 200 },
});

const submitted = {
  Location: 'Where the task is',
  'Idempotent-Replayed': '`true` when the key was used before: this is the task of that time',
};

const example = (value: object): MethodDecorator =>
  // Its schema comes from the handler's parameter.
  ApiBody({ schema: {}, examples: { analytics: { summary: 'Sales by region, with a chart', value } } });

/** What the API's documentation says of each route. */
export const documentedTasks = {
  submit: applyDecorators(
    Documented({
      id: 'submitTask',
      summary: 'Submit a task',
      description: 'The task is durably kept when this answers. It may not have started yet.',
      answers: [{ status: 202, description: 'The task is accepted', schema: AcceptedTask, headers: submitted }],
      problems: [...badBody, 'idempotency_conflict', 'task_type_not_served', 'queue_full', 'daily_quota_spent'],
    }),
    idempotencyHeader,
    example(submissionExample),
  ),
  batch: applyDecorators(
    Documented({
      id: 'submitTasks',
      summary: 'Submit up to 1,000 tasks',
      description:
        'Each is checked alone: a bad one does not refuse the others. With an idempotency key each item has its own.',
      answers: [{ status: 202, description: 'One answer an item, in their order', schema: BatchAnswer }],
      problems: badBody,
    }),
    idempotencyHeader,
    example({ tasks: [submissionExample] }),
  ),
  page: Documented({
    id: 'listTasks',
    summary: 'List tasks, newest first',
    description: 'Pages stay stable while tasks come and go.',
    answers: [{ status: 200, description: 'A page', schema: TaskPage }],
    problems: ['invalid_request'],
  }),
  view: applyDecorators(
    taskIdParameter,
    Documented({
      id: 'getTask',
      summary: 'Get a task with its result, or wait for it',
      answers: [{ status: 200, description: 'The task as it is now', schema: TaskView }],
      problems: ['invalid_request', 'not_found'],
    }),
  ),
  cancel: applyDecorators(
    taskIdParameter,
    Documented({
      id: 'cancelTask',
      summary: 'Cancel a task',
      description: 'A running attempt is stopped, and its result is not kept.',
      answers: [{ status: 200, description: 'The task, cancelled', schema: TaskSummary }],
      problems: ['not_found', 'conflict'],
    }),
  ),
};
