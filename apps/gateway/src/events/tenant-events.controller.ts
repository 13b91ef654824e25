import { Controller, createParamDecorator, type ExecutionContext, Get, Res } from '@nestjs/common';
import { ApiHeader, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { lastEventId, streamHeaders, wrongEventId } from './open-streams.js';
import { TenantStreams } from './tenant-streams.service.js';

const description = `Server-sent events for a page that shows many tasks. The first is \`ready\` (\`data.resumed\`: what was missed follows)
or \`reset\`; from it on no change is missed, so read what you show after it.

- \`task\`: a \`TaskChange\`; \`tasks\`: several of one moment, a \`TaskChanges\`. A task comes with its last state only, once for
  all that happened to it within some 200 ms. States may come twice and late: a task that has ended stays ended.
- \`hint\`: a \`StreamHint\`, which names what has changed without saying how; every 30 s it names everything.
- \`reset\`: a \`StreamReset\`; changes were missed: read everything again.

A client that comes back within 60 s with the id of the last event it got misses nothing, or gets \`reset\`. Log lines and
progress are in the events of each task.`;

const example = `id: 6f1de0c5b2a94c11-0
event: ready
data: {"resumed":false}

id: 6f1de0c5b2a94c11-1
event: task
data: {"task_id":"01a20706-61b3-75f5-bc08-21fcde8b6b89","task_type":"analytics","operation":"query","agent":"dash","status":"completed","priority":"high","attempt":1,"at":"2026-11-23T10:00:00.000Z"}

`;

const cursor = /^[\da-f]{16}-\d{1,15}$/;

const eventId = { required: false, schema: { type: 'string' as const, pattern: cursor.source } };

/** Parameter of the handler: id of the last event that the client has seen; undefined for none. */
const LastEventId = createParamDecorator((_: undefined, context: ExecutionContext): string | undefined => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const given = lastEventId(request);
  if (given === undefined || given === '') return undefined;
  if (typeof given === 'string' && cursor.test(given)) return given;
  throw wrongEventId(request);
});

@ApiTags('events')
@Controller('api/v1/events')
export class TenantEventsController {
  constructor(private readonly streams: TenantStreams) {}

  @Role('viewer')
  @ApiQuery({ name: 'last_event_id', description: 'The same, for clients that cannot set headers', ...eventId })
  @ApiHeader({ name: 'Last-Event-ID', description: 'Id of the last event seen', ...eventId })
  @Documented({
    id: 'streamEvents',
    summary: 'Follow all tasks',
    description,
    answers: [
      {
        status: 200,
        description: 'A stream of events',
        content: { 'text/event-stream': { schema: { type: 'string' }, example } },
      },
    ],
    problems: ['invalid_request'],
  })
  @Get()
  async stream(
    @TenantId() tenantId: string,
    @LastEventId() lastSeen: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const text = await this.streams.start(tenantId, lastSeen, reply);
    void reply.headers(streamHeaders).send(text);
  }
}
