import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Principal, Tenants } from '@pulser/context-bus';
import { CallerView, HttpError } from '@pulser/contracts';

import { Caller } from '../access/caller.js';
import { Role } from '../access/role.js';
import { Documented } from '../docs/documented.js';
import { callerView } from './caller-view.policy.js';

@ApiTags('keys')
@Controller('api/v1/me')
export class MeController {
  constructor(private readonly tenants: Tenants) {}

  @Role('viewer')
  @Get()
  @Documented({
    id: 'getCaller',
    summary: 'Who you are to Pulser, and what you may',
    answers: [{ status: 200, description: 'Tenant, name and rights of the caller', schema: CallerView }],
  })
  async me(@Caller() caller: Principal): Promise<CallerView> {
    const tenant = await this.tenants.nameOf(caller.tenantId);
    // Gone between the check of the key and this read.
    if (tenant === undefined) throw new HttpError('unauthenticated');
    return callerView(caller, tenant);
  }
}
