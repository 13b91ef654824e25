import { Controller, createParamDecorator, type ExecutionContext, Get, Param, Res } from '@nestjs/common';
import { ApiHeader, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { EventStreams, lastSeen } from './event-streams.service.js';
import { lastEventId, streamHeaders, wrongEventId } from './open-streams.js';

const description = `Server-sent events: \`id\` is the number of the event, \`event\` its type (status, progress or log), \`data\` a
\`TaskEvent\` as JSON. All events from the first on are sent, then those that come. \`event: end\` says that none will follow.
A client that lost the connection comes back with the id of the last event it saw.`;

const example = `id: 0
event: status
data: {"type":"status","at":"2026-11-23T10:00:00.000Z","status":"queued","attempt":0}

event: end
data: {}

`;

const eventId = { required: false, schema: { type: 'string' as const, pattern: '^\\d{1,15}$' } };

/** Parameter of the handler: number of the last event that the client has seen, -1 for none. */
const LastEventId = createParamDecorator((_: undefined, context: ExecutionContext): number => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const seq = lastSeen(lastEventId(request));
  if (seq !== undefined) return seq;
  throw wrongEventId(request);
});

@ApiTags('events')
@Controller('api/v1/tasks/:id/events')
export class EventsController {
  constructor(private readonly streams: EventStreams) {}

  @Role('viewer')
  @ApiQuery({ name: 'last_event_id', description: 'The same, for clients that cannot set headers', ...eventId })
  @ApiHeader({ name: 'Last-Event-ID', description: 'Id of the last event seen', ...eventId })
  @IdParameter('the task')
  @Documented({
    id: 'streamTaskEvents',
    summary: 'Follow a task',
    description,
    answers: [
      {
        status: 200,
        description: 'A stream of events',
        content: { 'text/event-stream': { schema: { type: 'string' }, example } },
      },
    ],
    problems: ['invalid_request', 'not_found'],
  })
  @Get()
  async stream(
    @TenantId() tenantId: string,
    @Param('id', new IdPipe('task')) taskId: string,
    @LastEventId() afterSeq: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const text = await this.streams.start({ tenantId, taskId, afterSeq }, reply);
    void reply.headers(streamHeaders).send(text);
  }
}
