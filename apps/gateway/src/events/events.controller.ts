import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { Role } from '../access/role.js';
import { TenantId } from '../access/tenant.js';
import { TaskIdPipe } from '../tasks/task-id.pipe.js';
import { EventStreams } from './event-streams.service.js';
import { documentedEvents } from './events.documentation.js';
import { LastEventId } from './last-event-id.js';

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Nginx would otherwise keep events back until its buffer is full.
  'x-accel-buffering': 'no',
};

@ApiTags('events')
@Controller('api/v1/tasks/:id/events')
export class EventsController {
  constructor(private readonly streams: EventStreams) {}

  @Role('viewer')
  @documentedEvents
  @Get()
  async stream(
    @TenantId() tenantId: string,
    @Param('id', TaskIdPipe) taskId: string,
    @LastEventId() afterSeq: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const text = await this.streams.start({ tenantId, taskId, afterSeq }, reply.raw);
    void reply.headers(headers).send(text);
  }
}
