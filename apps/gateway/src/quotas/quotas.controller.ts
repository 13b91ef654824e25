// What a tenant has used of its quotas, and of its requests a second.
import { Controller, Get, Module } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type BucketLimit, principalId, Quotas, type QuotasInUse, RateLimits } from '@pulser/context-bus';
import { QuotasView } from '@pulser/contracts';

import { Caller, type RequestCaller } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';

const rateUse = ({ perS, burst, left }: BucketLimit & { readonly left: number }): QuotasView['requests']['key'] => ({
  per_s: perS,
  burst,
  left,
});

const todayView = ({ used, quota, endsInS }: QuotasInUse['today']): QuotasView['today'] => ({
  used,
  quota,
  ends_at: new Date(Date.now() + endsInS * 1_000).toISOString(),
});

@ApiTags('quotas')
@Controller('api/v1/quotas')
export class QuotasController {
  constructor(
    private readonly quotas: Quotas,
    private readonly limits: RateLimits,
  ) {}

  @Role('viewer')
  @Documented({
    id: 'getQuotas',
    summary: 'What is used of each quota and rate limit',
    answers: [
      { status: 200, description: 'Limits of the tenant and of the caller, and their use', schema: QuotasView },
    ],
  })
  @Get()
  async use(@Caller() caller: RequestCaller): Promise<QuotasView> {
    const { tenantId } = caller;
    const [{ waiting, today }, { key, tenant }] = await Promise.all([
      this.quotas.use(tenantId),
      this.limits.look(tenantId, principalId(caller)),
    ]);
    return { waiting, today: todayView(today), requests: { key: rateUse(key), tenant: rateUse(tenant) } };
  }
}

@Module({ controllers: [QuotasController] })
export class QuotasModule {}
