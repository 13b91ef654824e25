import { Body, Controller, Delete, Get, Header, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CreateKey, type KeyList, type KeyView, type NewKey, RotateKey } from '@pulser/contracts';

import { Caller, type RequestCaller } from '../access/caller.js';
import { Role } from '../access/role.js';
import { TenantId } from '../access/tenant.js';
import { TaskIdPipe } from '../tasks/task-id.pipe.js';
import { documentedKeys } from './keys.documentation.js';
import { Keys } from './keys.service.js';

@ApiTags('keys')
@Controller('api/v1/keys')
export class KeysController {
  constructor(private readonly keys: Keys) {}

  @Role('admin')
  @documentedKeys.list
  @Get()
  async list(@TenantId() tenantId: string): Promise<KeyList> {
    return { keys: await this.keys.list(tenantId) };
  }

  @Role('admin')
  @documentedKeys.create
  @Post()
  @Header('Cache-Control', 'no-store')
  create(@Caller() caller: RequestCaller, @Body({ schema: CreateKey }) order: CreateKey): Promise<NewKey> {
    return this.keys.create(caller, order);
  }

  @Role('admin')
  @documentedKeys.rotate
  @Post(':id/rotate')
  @Header('Cache-Control', 'no-store')
  rotate(
    @Caller() caller: RequestCaller,
    @Param('id', TaskIdPipe) keyId: string,
    @Body({ schema: RotateKey }) { overlap_s }: RotateKey,
  ): Promise<NewKey> {
    return this.keys.rotate(caller, keyId, overlap_s);
  }

  @Role('admin')
  @documentedKeys.revoke
  @Delete(':id')
  revoke(@Caller() caller: RequestCaller, @Param('id', TaskIdPipe) keyId: string): Promise<KeyView> {
    return this.keys.revoke(caller, keyId);
  }
}
