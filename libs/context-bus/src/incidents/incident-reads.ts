// What keys of the installation read of incidents, and do with them.
import { Injectable } from '@nestjs/common';
import type { IncidentChange, IncidentKind, IncidentState, Severity } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type Actor, actorJson } from '../audit/actor.js';

export interface IncidentRow {
  readonly incidentId: string;
  readonly key: string;
  readonly kind: IncidentKind;
  readonly subject: string;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly summary: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly flaps: number;
  readonly openedAt: Date;
  readonly updatedAt: Date;
  readonly resolvedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly silencedUntil: Date | null;
  readonly silencedBy: string | null;
  readonly silenceReason: string | null;
}

export interface IncidentLine {
  readonly eventId: string;
  readonly at: Date;
  readonly change: IncidentChange;
  readonly severity: Severity;
  readonly summary: string | null;
  readonly actor: string | null;
  readonly note: string | null;
}

const columns = `incident_id as "incidentId", key, kind, subject, severity, state, summary, detail, flaps,
  opened_at as "openedAt", updated_at as "updatedAt", resolved_at as "resolvedAt", acknowledged_at as "acknowledgedAt",
  acknowledged_by as "acknowledgedBy", silenced_until as "silencedUntil", silenced_by as "silencedBy",
  silence_reason as "silenceReason"`;

const page = statement(
  'incidents.page',
  `select ${columns} from incident
   where ($1::text is null or state = $1) and incident_id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
   order by incident_id desc limit $3`,
);

const find = statement('incidents.find', `select ${columns} from incident where incident_id = $1`);

const timeline = statement(
  'incidents.timeline',
  `select * from (
     select event_id as "eventId", at, change, severity, summary, actor, note from incident_event
     where incident_id = $1 order by event_id desc limit 500) newest
   order by "eventId"`,
);

// The database checks the key again.
const acknowledge = statement(
  'incidents.acknowledge',
  `select ${columns} from pulser.acknowledge_incident($1, $2, $3, $4)`,
);
const silence = statement('incidents.silence', `select ${columns} from pulser.silence_incident($1, $2, $3, $4, $5)`);

/** @param keyId of an operator of the installation */
@Injectable()
export class IncidentReads {
  constructor(private readonly database: Database) {}

  /** Newest first. @param before id of an incident */
  page(state: IncidentState | undefined, limit: number, before: string | undefined): Promise<IncidentRow[]> {
    return this.database.query<IncidentRow>(page, [state, before, limit]);
  }

  async find(incidentId: string): Promise<IncidentRow | undefined> {
    return (await this.database.query<IncidentRow>(find, [incidentId]))[0];
  }

  /** Oldest first; the last 500. */
  timeline(incidentId: string): Promise<IncidentLine[]> {
    return this.database.query<IncidentLine>(timeline, [incidentId]);
  }

  /** It is not escalated any more. One that is resolved or acknowledged stays as it is. @returns undefined when there is none */
  async acknowledge(keyId: string, actor: Actor, incidentId: string, note?: string): Promise<IncidentRow | undefined> {
    const values = [keyId, actorJson(actor), incidentId, note ?? null];
    return (await this.database.query<IncidentRow>(acknowledge, values))[0];
  }

  /** No message tells of it, or of a new one of its key, until then. @param until RFC 3339; null: messages tell of it again */
  async silence(
    keyId: string,
    actor: Actor,
    incidentId: string,
    { until, reason }: { readonly until: string | null; readonly reason: string | null },
  ): Promise<IncidentRow | undefined> {
    const values = [keyId, actorJson(actor), incidentId, until, reason];
    return (await this.database.query<IncidentRow>(silence, values))[0];
  }
}
