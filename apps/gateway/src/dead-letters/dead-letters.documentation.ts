import { applyDecorators } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import {
  AcceptedTask,
  DeadLetterGroups,
  DeadLetterPage,
  DeadLetterSummary,
  DeadLetterView,
  Discarded,
  Replayed,
} from '@pulser/contracts';

import { Documented } from '../docs/documented.js';

const letterId = ApiParam({
  name: 'id',
  description: 'Id of the dead letter',
  schema: { type: 'string', format: 'uuid' },
});

const badBody = [
  'invalid_request',
  'invalid_json',
  'forbidden_key',
  'payload_too_large',
  'unsupported_media_type',
] as const;

const reads = {
  page: Documented({
    id: 'listDeadLetters',
    summary: 'List dead letters, newest first',
    description: 'Tasks that used up their attempts, and messages with your key that could not become a task.',
    answers: [{ status: 200, description: 'A page', schema: DeadLetterPage }],
    problems: ['invalid_request'],
  }),
  groups: Documented({
    id: 'listDeadLetterGroups',
    summary: 'Count dead letters by cause',
    description: 'One group a fingerprint: task type, code and message without numbers, ids and quoted names.',
    answers: [{ status: 200, description: 'The largest groups first', schema: DeadLetterGroups }],
    problems: ['invalid_request'],
  }),
  view: applyDecorators(
    letterId,
    Documented({
      id: 'getDeadLetter',
      summary: 'Get a dead letter with every attempt, or with the message as it came',
      answers: [{ status: 200, description: 'The dead letter', schema: DeadLetterView }],
      problems: ['not_found'],
    }),
  ),
};

/** What the API's documentation says of each route. */
export const documentedDeadLetters = {
  ...reads,
  replay: applyDecorators(
    letterId,
    Documented({
      id: 'replayDeadLetter',
      summary: 'Submit it again, as it was or changed',
      description:
        'A new task with fresh attempts. Without a body it is submitted as it was. A letter is replayed once: ' +
        'after that the answer is a conflict that names the task.',
      answers: [
        {
          status: 202,
          description: 'The new task is accepted',
          schema: AcceptedTask,
          headers: { Location: 'Where the task is' },
        },
      ],
      problems: [...badBody, 'not_found', 'conflict', 'idempotency_conflict', 'task_type_not_served'],
    }),
  ),
  replayMany: Documented({
    id: 'replayDeadLetters',
    summary: 'Submit up to 10,000 failed tasks again, oldest first',
    description: 'Those of one order are taken together or not at all, and no letter is ever taken twice.',
    answers: [{ status: 200, description: 'How many were taken, and how many are left', schema: Replayed }],
    problems: badBody,
  }),
  discard: applyDecorators(
    letterId,
    Documented({
      id: 'discardDeadLetter',
      summary: 'Give it up, with a reason',
      answers: [{ status: 200, description: 'The dead letter, discarded', schema: DeadLetterSummary }],
      problems: [...badBody, 'not_found', 'conflict'],
    }),
  ),
  discardMany: Documented({
    id: 'discardDeadLetters',
    summary: 'Give up to 10,000 of them up, oldest first',
    answers: [{ status: 200, description: 'How many were discarded, and how many are left', schema: Discarded }],
    problems: badBody,
  }),
};
