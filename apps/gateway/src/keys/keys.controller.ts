// API keys of a tenant, for its administrators; and, for every caller, what its own key or token allows.
import { Body, Controller, Delete, Get, Header, Module, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Tenants } from '@pulser/context-bus';
import { CallerView, CreateKey, ExportQuery, HttpError, KeyList, KeyView, NewKey, RotateKey } from '@pulser/contracts';

import { type AnyCaller, Caller, EveryCaller, type RequestCaller, TenantId } from '../access/caller.js';
import { EverybodysRole, Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { callerView, Keys } from './keys.service.js';

const badBody = ['invalid_request', 'invalid_json', 'payload_too_large', 'unsupported_media_type'] as const;

const made = { status: 201, description: 'The key, which is shown this once', schema: NewKey };

@ApiTags('keys')
@Controller('api/v1/keys')
export class KeysController {
  constructor(private readonly keys: Keys) {}

  @Role('admin')
  @Documented({
    id: 'listKeys',
    summary: 'List the API keys of the tenant, newest first',
    description: 'Without those that ended more than 30 days ago.',
    answers: [{ status: 200, description: 'All keys', schema: KeyList }],
    problems: ['invalid_request'],
  })
  @Exportable({ name: 'keys', row: KeyView, rows: 'keys' })
  @Get()
  async list(@Query({ schema: ExportQuery }) _: ExportQuery, @TenantId() tenantId: string): Promise<KeyList> {
    return { keys: await this.keys.list(tenantId) };
  }

  @Role('admin')
  @Documented({
    id: 'createKey',
    summary: 'Make an API key',
    description: 'It gets no more rights than its maker has.',
    answers: [made],
    problems: badBody,
  })
  @Post()
  @Header('Cache-Control', 'no-store')
  create(@Caller() caller: RequestCaller, @Body({ schema: CreateKey }) order: CreateKey): Promise<NewKey> {
    return this.keys.create(caller, order);
  }

  @Role('admin')
  @IdParameter('the key')
  @Documented({
    id: 'rotateKey',
    summary: 'Replace an API key by a new one with the same rights',
    description: 'Both are valid until the overlap is over; then the old one ends.',
    answers: [made],
    problems: [...badBody, 'not_found', 'conflict'],
  })
  @Post(':id/rotate')
  @Header('Cache-Control', 'no-store')
  rotate(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('key')) keyId: string,
    @Body({ schema: RotateKey }) { overlap_s }: RotateKey,
  ): Promise<NewKey> {
    return this.keys.rotate(caller, keyId, overlap_s);
  }

  @Role('admin')
  @IdParameter('the key')
  @Documented({
    id: 'revokeKey',
    summary: 'Revoke an API key',
    description: 'Refused everywhere within a second. The last key of an administrator stays.',
    answers: [{ status: 200, description: 'The key, which is no longer valid', schema: KeyView }],
    problems: ['not_found', 'conflict'],
  })
  @Delete(':id')
  revoke(@Caller() caller: RequestCaller, @Param('id', new IdPipe('key')) keyId: string): Promise<KeyView> {
    return this.keys.revoke(caller, keyId);
  }
}

@ApiTags('keys')
@Controller('api/v1/me')
export class MeController {
  constructor(private readonly tenants: Tenants) {}

  @EverybodysRole('viewer')
  @Documented({
    id: 'getCaller',
    summary: 'Who the caller is, and what it may do',
    answers: [{ status: 200, description: 'Tenant, name and rights of the caller', schema: CallerView }],
  })
  @Get()
  async me(@EveryCaller() caller: AnyCaller): Promise<CallerView> {
    if (caller.tenantId === undefined) return callerView(caller, null);
    const tenant = await this.tenants.nameOf(caller.tenantId);
    // Deleted between the check of the key and this read.
    if (tenant === undefined) throw new HttpError('unauthenticated');
    return callerView(caller, tenant);
  }
}

@Module({ controllers: [KeysController, MeController], providers: [Keys] })
export class KeysModule {}
