// The audit trail of the installation: keys, pauses for all, admitted agents. Tenants have trails of their own.
import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { InstallationAudit } from '@pulser/context-bus';
import { AuditPage, AuditQuery, AuditVerdict } from '@pulser/contracts';

import { type InstallationCaller, OfInstallation } from '../access/caller.js';
import { InstallationRole } from '../access/roles.js';
import { auditExport, auditPage } from '../audit/audit.controller.js';
import { Documented } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';

@ApiTags('installation')
@Controller('api/v1/installation/audit')
export class InstallationAuditController {
  constructor(private readonly trail: InstallationAudit) {}

  @InstallationRole('admin')
  @Documented({
    id: 'listInstallationAudit',
    summary: 'List who changed what all tenants share, newest first',
    description:
      'Append-only: each entry is written by the change itself, and no caller can add, change or remove one.',
    answers: [{ status: 200, description: 'A page', schema: AuditPage }],
    problems: ['invalid_request'],
  })
  @Exportable(auditExport)
  @Get()
  async page(
    @OfInstallation() { keyId }: InstallationCaller,
    @Query({ schema: AuditQuery }) query: AuditQuery,
  ): Promise<AuditPage> {
    const { limit, actor_id: actorId, ...filter } = query;
    return auditPage(await this.trail.page(keyId, { ...filter, actorId }, limit), limit);
  }

  @InstallationRole('admin')
  @Documented({
    id: 'verifyInstallationAudit',
    summary: 'Check that no entry was altered, removed or moved',
    answers: [{ status: 200, description: 'What was found', schema: AuditVerdict }],
  })
  @Get('verdict')
  async verify(): Promise<AuditVerdict> {
    const { entries, firstBroken } = await this.trail.verify();
    return { entries, intact: firstBroken === null, first_broken: firstBroken };
  }
}
