// Ids in paths: how a route takes one, and the paths made of them.
import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { HttpError } from '@pulser/contracts';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Answers text that cannot be an id like an id that does not exist, so that no answer reveals which ids exist. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!uuid.test(id)) throw new HttpError('not_found');
    return id.toLowerCase();
  }
}

/** Documents the id in a path. @param of what it is the id of: "the task" */
export const IdParameter = (of: string): MethodDecorator =>
  ApiParam({ name: 'id', description: `Id of ${of}`, schema: { type: 'string', format: 'uuid' } });

export const taskPath = (taskId: string): string => `/api/v1/tasks/${taskId}`;

/** Where a task is, and where its events are. */
export const taskLinks = (taskId: string): { self: string; events: string } => ({
  self: taskPath(taskId),
  events: `${taskPath(taskId)}/events`,
});

export const artifactPath = (taskId: string, name: string): string =>
  `${taskPath(taskId)}/artifacts/${encodeURIComponent(name)}`;

export const deadLetterPath = (deadLetterId: string): string => `/api/v1/dead-letters/${deadLetterId}`;
