// Hooks: tasks that are submitted when something happens, and the address where signed requests come.
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Module,
  Param,
  type PipeTransform,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import {
  AcceptedHook,
  FiringPage,
  FiringQuery,
  HookBody,
  HookList,
  HookName,
  HookOrder,
  HookView,
  HttpError,
  maxHookBytes,
} from '@pulser/contracts';
import { bodyBytes, Public } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented } from '../docs/documented.js';
import { notFound } from '../rest/parameters.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { HookCalls } from './hook-calls.service.js';
import { HooksService } from './hooks.service.js';

/** The name of a hook that is there. Text that is no name is answered like one that nothing has. */
class NamePipe implements PipeTransform<string, HookName> {
  transform(name: string): HookName {
    if (!HookName.safeParse(name).success) throw notFound('hook');
    return name;
  }
}

/** The name of a hook that may be new. @throws HttpError `invalid_request` */
class NewNamePipe implements PipeTransform<string, HookName> {
  transform(name: string): HookName {
    const { data, error } = HookName.safeParse(name);
    if (error === undefined) return data;
    const detail = error.issues[0]?.message ?? '';
    throw new HttpError('invalid_request', { errors: [{ pointer: '/name', detail }] });
  }
}

const NameParameter = (): MethodDecorator =>
  ApiParam({
    name: 'name',
    description: 'Name of the hook: a small letter, then small letters, digits and hyphens, 63 at most',
    schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,62}$' },
  });

const Signed = (name: string, description: string): MethodDecorator =>
  ApiHeader({ name, description, required: true, schema: { type: 'string' } });

const refusals = ['invalid_payload', 'unknown_destination', 'task_type_not_served', 'conflict'] as const;

@ApiTags('hooks')
@Controller('api/v1/hooks')
export class HooksController {
  constructor(
    private readonly hooks: HooksService,
    private readonly calls: HookCalls,
  ) {}

  @Role('viewer')
  @Documented({
    id: 'listHooks',
    summary: 'List the hooks',
    answers: [{ status: 200, description: 'All of the tenant, by name', schema: HookList }],
  })
  @Get()
  list(@TenantId() tenantId: string): Promise<HookList> {
    return this.hooks.list(tenantId);
  }

  @Role('viewer')
  @NameParameter()
  @Documented({
    id: 'getHook',
    summary: 'Get a hook',
    answers: [{ status: 200, description: 'The hook, with what became of it last', schema: HookView }],
    problems: ['not_found'],
  })
  @Get(':name')
  view(@TenantId() tenantId: string, @Param('name', NamePipe) name: HookName): Promise<HookView> {
    return this.hooks.find(tenantId, name);
  }

  @Role('viewer')
  @NameParameter()
  @Documented({
    id: 'listFirings',
    summary: 'List what became of a hook, latest first',
    description:
      'Each task of it, and why there was none. A refusal that is the same as the one before it is noted once a second.',
    answers: [{ status: 200, description: 'A page', schema: FiringPage }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':name/firings')
  firings(
    @TenantId() tenantId: string,
    @Param('name', NamePipe) name: HookName,
    @Query({ schema: FiringQuery }) query: FiringQuery,
  ): Promise<FiringPage> {
    return this.hooks.firings(tenantId, name, query);
  }

  @Role('admin')
  @NameParameter()
  @Documented({
    id: 'putHook',
    summary: 'Make or replace a hook',
    description:
      'Whoever writes it is its author: each task of it is submitted with the rights that this key has then. The task is ' +
      'checked now, but for what the mapping fills in. A hook that is replaced keeps its address.',
    answers: [
      { status: 200, description: 'The hook as it is now', schema: HookView },
      { status: 201, description: 'The hook, which was not there', schema: HookView },
    ],
    problems: [...bodyProblems, ...refusals],
  })
  @Put(':name')
  async put(
    @Caller() caller: RequestCaller,
    @Param('name', NewNamePipe) name: HookName,
    @Body({ schema: HookOrder }) order: HookOrder,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HookView> {
    const { created, hook } = await this.hooks.put(caller, name, order);
    reply.status(created ? HttpStatus.CREATED : HttpStatus.OK);
    return hook;
  }

  @Role('admin')
  @NameParameter()
  @Documented({
    id: 'deleteHook',
    summary: 'Delete a hook',
    description: 'What has happened and is not fired yet is gone with it; its tasks go on.',
    answers: [{ status: 204, description: 'It is gone, and so is its address' }],
    problems: ['not_found'],
  })
  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  remove(@Caller() caller: RequestCaller, @Param('name', NamePipe) name: HookName): Promise<void> {
    return this.hooks.remove(caller, name);
  }

  @Public()
  @ApiParam({
    name: 'name',
    description: 'Address of the hook: its `path` ends with it',
    schema: { type: 'string' },
  })
  @Signed('webhook-id', 'Id of the delivery: the same one is the same task, for 24 hours')
  @Signed('webhook-timestamp', 'Seconds since 1970, of the last five minutes')
  @Signed(
    'webhook-signature',
    '`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64; several with spaces between them',
  )
  @Documented({
    id: 'callHook',
    summary: 'Fire a hook by a signed request',
    description:
      'Signed as Standard Webhooks (https://www.standardwebhooks.com) have it, with the secret that the hook names: `whsec_` ' +
      'and a key in base64, or any other text as it is. It needs no API key. The body is 256 KB at most.',
    answers: [{ status: 202, description: 'The task is accepted', schema: AcceptedHook }],
    problems: [
      ...bodyProblems,
      ...(['not_found', 'queue_full', 'daily_quota_spent', 'secrets_not_configured'] as const),
      ...refusals,
    ],
  })
  @RouteConfig({ bodyLimit: maxHookBytes, keepsBytes: true })
  @Post(':name')
  @HttpCode(HttpStatus.ACCEPTED)
  call(
    @Req() request: FastifyRequest,
    @Param('name') address: string,
    @Body({ schema: HookBody }) body: HookBody,
  ): Promise<AcceptedHook> {
    return this.calls.call(address, { headers: request.headers, bytes: bodyBytes(request), body });
  }
}

@Module({
  imports: [TasksModule],
  controllers: [HooksController],
  providers: [HooksService, HookCalls],
})
export class HooksModule {}
