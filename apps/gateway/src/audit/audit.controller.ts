import { Controller, Get, Module, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type AuditEntry, AuditTrail } from '@pulser/context-bus';
import { AuditEntryView, AuditPage, AuditQuery, AuditVerdict } from '@pulser/contracts';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { Exportable, type ExportedList } from '../rest/list-exports.js';

const auditEntryView = (entry: AuditEntry): AuditEntryView => {
  const { kind = 'system', id = null, name = '', origin = null, via = null, sessionId = null } = entry.actor;
  return {
    seq: entry.seq,
    at: entry.at.toISOString(),
    actor: { kind, id, name, origin, via, session_id: sessionId },
    action: entry.action,
    targets: [...entry.targets],
    outcome: entry.outcome,
    before_digest: entry.beforeDigest,
    after_digest: entry.afterDigest,
    hash: entry.hash,
  };
};

export const auditPage = (entries: readonly AuditEntry[], limit: number): AuditPage => {
  // The first entry of all is number 1.
  const last = entries.at(-1)?.seq ?? 1;
  return { entries: entries.map(auditEntryView), next_before: entries.length < limit || last === 1 ? null : last };
};

export const auditExport: ExportedList = {
  name: 'audit',
  row: AuditEntryView,
  rows: 'entries',
  paging: { parameter: 'before', next: 'next_before' },
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
  @Exportable(auditExport)
  @Get()
  async page(@TenantId() tenantId: string, @Query({ schema: AuditQuery }) query: AuditQuery): Promise<AuditPage> {
    const { limit, actor_id: actorId, ...filter } = query;
    return auditPage(await this.trail.page(tenantId, { ...filter, actorId }, limit), limit);
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
