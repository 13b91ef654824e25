// Parameters that routes share: ids in paths and the paths made of them, idempotency keys, entity tags, cursors of pages.
import { createParamDecorator, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import { ApiHeader, ApiParam } from '@nestjs/swagger';
import { HttpError, idempotencyKeyShape, isIdempotencyKey } from '@pulser/contracts';
import type { FastifyRequest } from 'fastify';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

type Thing =
  | 'agent'
  | 'approval'
  | 'artifact'
  | 'code'
  | 'conversation'
  | 'dataset'
  | 'dead letter'
  | 'delivery'
  | 'destination'
  | 'hook'
  | 'identity provider'
  | 'incident'
  | 'key'
  | 'memory'
  | 'run'
  | 'schedule'
  | 'secret'
  | 'session'
  | 'setting'
  | 'signal'
  | 'step'
  | 'task'
  | 'task type'
  | 'tool call'
  | 'upload'
  | 'version'
  | 'workflow';

/** The same for what does not exist and for what is another tenant's, so that no answer reveals which ids exist. */
export const notFound = (thing: Thing): HttpError =>
  new HttpError('not_found', { detail: `There is no such ${thing}` });

/** An id in a path. Text that cannot be one is answered like an id that does not exist. */
export class IdPipe implements PipeTransform<string, string> {
  constructor(private readonly thing: Thing) {}

  transform(id: string): string {
    if (!uuid.test(id)) throw notFound(this.thing);
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

/** Parameter of a handler: the Idempotency-Key header, or undefined. @throws HttpError `invalid_request` */
export const IdempotencyKey = createParamDecorator((_: undefined, context: ExecutionContext): string | undefined => {
  const key = context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (isIdempotencyKey(key)) return key;
  const detail = `The header must have ${idempotencyKeyShape}`;
  throw new HttpError('invalid_request', { errors: [{ pointer: '/Idempotency-Key', detail }] });
});

/** Documents the header. */
export const IdempotencyKeyHeader = (): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    description: '1 to 200 visible ASCII characters. For 24 hours the same key and body make one task',
    required: false,
    schema: { type: 'string', minLength: 1, maxLength: 200 },
  });

// An entity tag (RFC 9110, 8.8.3) without its mark of weakness, by which If-None-Match does not compare.
const entityTag = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** The tags in an If-Match or If-None-Match header, in quotes and without marks of weakness. */
export const entityTags = (header: string): string[] => [...header.matchAll(entityTag)].map(([, tag = '']) => tag);

/** Whether a client that sent this `If-None-Match` has the content with this tag (RFC 9110, 13.1.2): a list, weak ones, or `*`. */
export const hasContent = (ifNoneMatch: string | undefined, tag: string): boolean =>
  ifNoneMatch !== undefined && (ifNoneMatch.trim() === '*' || entityTags(ifNoneMatch).includes(tag));

/**
 * The tags of an `If-Match` header, without quotes; undefined: there need be none, or any will do. A weak tag matches nothing
 * here (RFC 9110, 8.8.3.2).
 */
export const matchedTags = (ifMatch: string | undefined): readonly string[] | undefined =>
  ifMatch === undefined || ifMatch.trim() === '*'
    ? undefined
    : entityTags(ifMatch.replaceAll(/W\/"[^"]*"/g, '')).map((tag) => tag.slice(1, -1));

// What follows the prefix may change with it; clients send back what they got.
const prefix = 'v1:';
const shape = /^v1:([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

/** Opaque mark of a row. */
export const cursorAfter = (id: string): string => Buffer.from(prefix + id).toString('base64url');

/** The id in a cursor; undefined when this API did not make it. */
export const idOfCursor = (cursor: string): string | undefined =>
  shape.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];

/** The id after which a page begins; undefined for the first page. @throws HttpError `invalid_request` */
export const startOfPage = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined;
  const id = idOfCursor(cursor);
  if (id !== undefined) return id;
  const detail = 'Not a cursor of this API: send `next_cursor` as it came, or none for the first page';
  throw new HttpError('invalid_request', { errors: [{ pointer: '/cursor', detail }] });
};

/** The cursor of the next page; null when this page is not full, and so the last one. */
export const nextCursor = <Row>(rows: readonly Row[], limit: number, idOf: (row: Row) => string): string | null => {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return last === undefined ? null : cursorAfter(idOf(last));
};
