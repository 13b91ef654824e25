import { applyDecorators } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { agentNames, PauseList, taskTypes } from '@pulser/contracts';

import { Documented } from '../docs/documented.js';

const answers = [{ status: 200, description: 'All pauses that hold now', schema: PauseList }];

const nameOf = (description: string, names: readonly string[]): MethodDecorator =>
  ApiParam({ name: 'name', description, schema: { type: 'string', enum: [...names] } });

const anAgent = nameOf('Name of the agent', agentNames);
const aType = nameOf('Name of the task type', taskTypes);

const effect = 'No task of your tenant starts there until it is resumed; what runs goes on, what is submitted waits.';
const badBody = ['invalid_request', 'invalid_json', 'forbidden_key', 'unsupported_media_type', 'not_found'] as const;

/** What the API's documentation says of each route. */
export const documentedPauses = {
  list: Documented({ id: 'listPauses', summary: 'List what is paused', answers }),
  pauseAgent: applyDecorators(
    anAgent,
    Documented({ id: 'pauseAgent', summary: 'Pause an agent', description: effect, answers, problems: badBody }),
  ),
  resumeAgent: applyDecorators(
    anAgent,
    Documented({ id: 'resumeAgent', summary: 'Resume an agent', answers, problems: ['not_found'] }),
  ),
  pauseType: applyDecorators(
    aType,
    Documented({ id: 'pauseTaskType', summary: 'Pause a task type', description: effect, answers, problems: badBody }),
  ),
  resumeType: applyDecorators(
    aType,
    Documented({ id: 'resumeTaskType', summary: 'Resume a task type', answers, problems: ['not_found'] }),
  ),
};
