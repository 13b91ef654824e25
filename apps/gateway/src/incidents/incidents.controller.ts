// Incidents of the installation, for its operators: tenants see the agents alone.
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Module, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type IncidentLine, IncidentReads, type IncidentRow } from '@pulser/context-bus';
import {
  AcknowledgeIncident,
  type IncidentEventView,
  IncidentPage,
  IncidentQuery,
  IncidentStory,
  IncidentView,
  SilenceIncident,
} from '@pulser/contracts';

import { type InstallationCaller, OfInstallation } from '../access/caller.js';
import { InstallationRole } from '../access/roles.js';
import { bodyProblems, Documented, OptionalBody } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { IdParameter, IdPipe, nextCursor, notFound, startOfPage } from '../rest/parameters.js';

const text = (at: Date | null): string | null => at?.toISOString() ?? null;

const incidentView = (row: IncidentRow): IncidentView => ({
  incident_id: row.incidentId,
  key: row.key,
  kind: row.kind,
  subject: row.subject,
  severity: row.severity,
  state: row.state,
  summary: row.summary,
  detail: { ...row.detail },
  flaps: row.flaps,
  opened_at: row.openedAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  resolved_at: text(row.resolvedAt),
  acknowledged_at: text(row.acknowledgedAt),
  acknowledged_by: row.acknowledgedBy,
  silenced_until: text(row.silencedUntil),
  silenced_by: row.silencedBy,
  silence_reason: row.silenceReason,
});

const lineView = ({ eventId, at, change, severity, summary, actor, note }: IncidentLine): IncidentEventView => ({
  event_id: eventId,
  at: at.toISOString(),
  change,
  severity,
  summary,
  actor,
  note,
});

const found = (row: IncidentRow | undefined): IncidentView => {
  if (row === undefined) throw notFound('incident');
  return incidentView(row);
};

const OptionalNote = AcknowledgeIncident.nullish();

const answers = [{ status: 200, description: 'The incident as it is now', schema: IncidentView }];

@ApiTags('incidents')
@Controller('api/v1/incidents')
export class IncidentsController {
  constructor(private readonly incidents: IncidentReads) {}

  @InstallationRole('viewer')
  @Documented({
    id: 'listIncidents',
    summary: 'List incidents of the installation, newest first',
    description: 'What the health service has found wrong: agents, queues, the broker, disks, certificates.',
    answers: [{ status: 200, description: 'A page', schema: IncidentPage }],
    problems: ['invalid_request'],
  })
  @Exportable({
    name: 'incidents',
    row: IncidentView,
    rows: 'incidents',
    paging: { parameter: 'cursor', next: 'next_cursor' },
  })
  @Get()
  async page(@Query({ schema: IncidentQuery }) { state, limit, cursor }: IncidentQuery): Promise<IncidentPage> {
    const rows = await this.incidents.page(state, limit, startOfPage(cursor));
    return { incidents: rows.map(incidentView), next_cursor: nextCursor(rows, limit, (row) => row.incidentId) };
  }

  @InstallationRole('viewer')
  @IdParameter('the incident')
  @Documented({
    id: 'getIncident',
    summary: 'Get an incident with its timeline',
    answers: [{ status: 200, description: 'The incident', schema: IncidentStory }],
    problems: ['not_found'],
  })
  @Get(':id')
  async view(@Param('id', new IdPipe('incident')) incidentId: string): Promise<IncidentStory> {
    const [row, lines] = await Promise.all([this.incidents.find(incidentId), this.incidents.timeline(incidentId)]);
    return { ...found(row), timeline: lines.map(lineView) };
  }

  @InstallationRole('operator')
  @IdParameter('the incident')
  @OptionalBody()
  @Documented({
    id: 'acknowledgeIncident',
    summary: 'Say that somebody works on an incident',
    description:
      'It is not escalated any more, unless it gets worse. One that is resolved or acknowledged stays as it is.',
    answers,
    problems: [...bodyProblems, 'not_found'],
  })
  @Post(':id/acknowledge')
  @HttpCode(HttpStatus.OK)
  async acknowledge(
    @OfInstallation() { actor, keyId }: InstallationCaller,
    @Param('id', new IdPipe('incident')) incidentId: string,
    @Body({ schema: OptionalNote }) order: AcknowledgeIncident | null | undefined,
  ): Promise<IncidentView> {
    return found(await this.incidents.acknowledge(keyId, actor, incidentId, order?.note));
  }

  @InstallationRole('operator')
  @IdParameter('the incident')
  @Documented({
    id: 'silenceIncident',
    summary: 'Let no message tell of an incident for a time',
    description: 'Nor of a new one of the same key, until then. Its timeline goes on.',
    answers,
    problems: [...bodyProblems, 'not_found'],
  })
  @Post(':id/silence')
  @HttpCode(HttpStatus.OK)
  async silence(
    @OfInstallation() { actor, keyId }: InstallationCaller,
    @Param('id', new IdPipe('incident')) incidentId: string,
    @Body({ schema: SilenceIncident }) { until, reason }: SilenceIncident,
  ): Promise<IncidentView> {
    return found(await this.incidents.silence(keyId, actor, incidentId, { until, reason }));
  }

  @InstallationRole('operator')
  @IdParameter('the incident')
  @Documented({
    id: 'unsilenceIncident',
    summary: 'Let messages tell of an incident again',
    answers,
    problems: ['not_found'],
  })
  @Delete(':id/silence')
  async unsilence(
    @OfInstallation() { actor, keyId }: InstallationCaller,
    @Param('id', new IdPipe('incident')) incidentId: string,
  ): Promise<IncidentView> {
    return found(await this.incidents.silence(keyId, actor, incidentId, { until: null, reason: null }));
  }
}

@Module({ controllers: [IncidentsController] })
export class IncidentsModule {}
