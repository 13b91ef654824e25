import { once } from 'node:events';

import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Param,
  Post,
  Query,
  Res,
  type MessageEvent,
  Sse,
} from '@nestjs/common';
import { HttpError } from '@pulser/contracts';
import type { FastifyReply } from 'fastify';
import { interval, map, type Observable } from 'rxjs';
import { z } from 'zod';

import { whenClosed } from '../../src/http/when-closed.js';
import { Logger } from '../../src/log/logger.js';
import { Tracer } from '../../src/trace/tracer.js';
import { Gate } from './gate.js';

const Order = z.strictObject({
  name: z.string().min(1),
  lines: z.array(z.object({ 'a/b': z.int() })).default([]),
});
type Order = z.infer<typeof Order>;

const Page = z.strictObject({ limit: z.coerce.number().int().max(10).default(5) });
type Page = z.infer<typeof Page>;

@Controller()
export class SampleController {
  private gaveUp = 0;

  constructor(
    private readonly logger: Logger,
    private readonly tracer: Tracer,
    private readonly gate: Gate,
  ) {}

  @Post('orders')
  order(@Body({ schema: Order }) order: Order): Order {
    return order;
  }

  @Get('orders')
  page(@Query({ schema: Page }) page: Page): Page {
    return page;
  }

  @Get('orders/:id')
  one(@Param('id', { schema: z.uuid() }) id: string): { id: string } {
    return { id };
  }

  @Post('trace')
  trace(@Body() body: object): object {
    this.logger.info('in a handler');
    return { ...body, traceparent: this.tracer.current() };
  }

  @Get('fails/:how')
  fails(@Param('how') how: string): never {
    if (how === 'forbidden') throw new ForbiddenException('not yours');
    if (how === 'busy') throw new HttpError('too_many_requests', { retryAfterS: 1.2, extensions: { limit: 5 } });
    throw new Error(`password is hunter2 (${how})`, { cause: new Error('the cause') });
  }

  @Get('waits')
  async waits(): Promise<{ waited: true }> {
    await this.gate.pass();
    return { waited: true };
  }

  @Get('given-up')
  async givenUp(@Res() reply: FastifyReply): Promise<never> {
    const gone = new AbortController();
    whenClosed(reply.raw, () => {
      gone.abort();
    });
    await once(gone.signal, 'abort');
    this.gaveUp += 1;
    throw gone.signal.reason;
  }

  @Get('gave-up')
  howManyGaveUp(): number {
    return this.gaveUp;
  }

  @Get('half')
  half(@Res() reply: FastifyReply): never {
    reply.raw.writeHead(200, { 'content-type': 'text/plain' });
    reply.raw.write('half of it');
    throw new Error('the other half is missing');
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(1).pipe(map((count) => ({ data: String(count) })));
  }
}
