import { Controller, Get, Module, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type AuditEntry, AuditTrail } from '@pulser/context-bus';
import { type AuditEntryView, AuditPage, AuditQuery, AuditVerdict } from '@pulser/contracts';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';

const auditEntryView = (entry: AuditEntry): AuditEntryView => {
  const { kind = 'system', id = null, name = '', origin = null, via = null } = entry.actor;
  return {
    seq: entry.seq,
    at: entry.at.toISOString(),
    actor: { kind, id, name, origin, via },
    action: entry.action,
    targets: [...entry.targets],
    outcome: entry.outcome,
    before_digest: entry.beforeDigest,
    after_digest: entry.afterDigest,
    hash: entry.hash,
  };
};

@ApiTags('audit')
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly trail: AuditTrail) {}

  @Role('admin')
  @Documented({
    id: 'listAuditEntries',
    summary: 'List who changed what, newest first',
    description:
      'Entries are append-only: each is written by the change itself, and no caller can add, change or remove one.',
    answers: [{ status: 200, description: 'A page', schema: AuditPage }],
    problems: ['invalid_request'],
  })
  @Get()
  async page(@TenantId() tenantId: string, @Query({ schema: AuditQuery }) query: AuditQuery): Promise<AuditPage> {
    const { limit, actor_id: actorId, ...filter } = query;
    const entries = await this.trail.page(tenantId, { ...filter, actorId }, limit);
    // The first entry of all is number 1.
    const last = entries.at(-1)?.seq ?? 1;
    return { entries: entries.map(auditEntryView), next_before: entries.length < limit || last === 1 ? null : last };
  }

  @Role('admin')
  @Documented({
    id: 'verifyAudit',
    summary: 'Check that no entry was altered, removed or moved',
    answers: [{ status: 200, description: 'What was found', schema: AuditVerdict }],
  })
  @Get('verdict')
  async verify(@TenantId() tenantId: string): Promise<AuditVerdict> {
    const { entries, firstBroken } = await this.trail.verify(tenantId);
    return { entries, intact: firstBroken === null, first_broken: firstBroken };
  }
}

@Module({ controllers: [AuditController] })
export class AuditModule {}
