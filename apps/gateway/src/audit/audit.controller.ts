import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AuditTrail } from '@pulser/context-bus';
import { type AuditPage, AuditQuery, type AuditVerdict } from '@pulser/contracts';

import { Role } from '../access/role.js';
import { TenantId } from '../access/tenant.js';
import { auditEntryView } from './audit-view.policy.js';
import { documentedAudit } from './audit.documentation.js';

@ApiTags('audit')
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly trail: AuditTrail) {}

  @Role('admin')
  @documentedAudit.page
  @Get()
  async page(@TenantId() tenantId: string, @Query({ schema: AuditQuery }) query: AuditQuery): Promise<AuditPage> {
    const { limit, actor_id: actorId, ...filter } = query;
    const entries = await this.trail.page(tenantId, { ...filter, actorId }, limit);
    // The first entry of all is number 1.
    const last = entries.at(-1)?.seq ?? 1;
    return { entries: entries.map(auditEntryView), next_before: entries.length < limit || last === 1 ? null : last };
  }

  @Role('admin')
  @documentedAudit.verify
  @Get('verdict')
  async verify(@TenantId() tenantId: string): Promise<AuditVerdict> {
    const { entries, firstBroken } = await this.trail.verify(tenantId);
    return { entries, intact: firstBroken === null, first_broken: firstBroken };
  }
}
