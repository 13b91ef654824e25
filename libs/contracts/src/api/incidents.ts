// Incidents of the installation: what is or was wrong with what all tenants share, for keys of the installation.
import { z } from 'zod';

import { Instant } from '../instant.js';
import { plainText, storableText } from '../json.js';
import { exportable } from './exports.js';
import { maxPage } from './tasks.js';

/** Least severe first. */
export const severities = ['info', 'warning', 'critical'] as const;
export const Severity = z.enum(severities);
export type Severity = z.infer<typeof Severity>;

export const incidentKinds = [
  'agent_unhealthy',
  'agent_degraded',
  'instances_gone',
  'dead_letters_growing',
  'backlog_growing',
  'broker_alarm',
  'broker_disk_alarm',
  'disk_space',
  'certificate_expiry',
  'mcp_coordinator_silent',
  'mcp_server_away',
  'mcp_tools_quarantined',
  'budget',
  'notifications_undeliverable',
] as const;
export const IncidentKind = z.enum(incidentKinds);
export type IncidentKind = z.infer<typeof IncidentKind>;

export const IncidentState = z.enum(['open', 'resolved']);
export type IncidentState = z.infer<typeof IncidentState>;

/** What happens to an incident. */
export const incidentChanges = [
  'opened',
  'raised',
  'lowered',
  'reopened',
  'flapping',
  'escalated',
  'resolved',
  'acknowledged',
  'silenced',
  'unsilenced',
] as const;
export const IncidentChange = z.enum(incidentChanges);
export type IncidentChange = z.infer<typeof IncidentChange>;

const NullableTime = z.iso.datetime().nullable();

export const IncidentView = z
  .object({
    incident_id: z.uuid(),
    key: z.string().meta({ description: 'What it is about: one incident of a key is open at most' }),
    kind: IncidentKind,
    subject: z.string().meta({ description: 'The agent, queue or thing that it is about' }),
    severity: Severity,
    state: IncidentState,
    summary: z.string(),
    detail: z.record(z.string(), z.unknown()),
    flaps: z.int().meta({ description: 'How often it came back within five minutes after it was resolved' }),
    opened_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    resolved_at: NullableTime,
    acknowledged_at: NullableTime,
    acknowledged_by: z.string().nullable(),
    silenced_until: NullableTime.meta({ description: 'No message tells of it until then; null: it is not silenced' }),
    silenced_by: z.string().nullable(),
    silence_reason: z.string().nullable(),
  })
  .meta({ id: 'Incident' });
export type IncidentView = z.infer<typeof IncidentView>;

export const IncidentEventView = z
  .object({
    event_id: z.uuid().meta({ description: 'Also the Message-ID and webhook-id of messages that tell of it' }),
    at: z.iso.datetime(),
    change: IncidentChange,
    severity: Severity,
    summary: z.string().nullable(),
    actor: z.string().nullable().meta({ description: 'Who did it; null: Pulser' }),
    note: z.string().nullable(),
  })
  .meta({ id: 'IncidentEvent' });
export type IncidentEventView = z.infer<typeof IncidentEventView>;

export const IncidentStory = IncidentView.extend({
  timeline: z.array(IncidentEventView).meta({ description: 'Oldest first; the last 500' }),
}).meta({ id: 'IncidentStory' });
export type IncidentStory = z.infer<typeof IncidentStory>;

export const IncidentQuery = z.strictObject({
  state: IncidentState.optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
  ...exportable,
});
export type IncidentQuery = z.infer<typeof IncidentQuery>;

export const IncidentPage = z
  .object({
    incidents: z.array(IncidentView),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'IncidentPage' });
export type IncidentPage = z.infer<typeof IncidentPage>;

export const AcknowledgeIncident = z
  .strictObject({ note: storableText(500).optional() })
  .meta({ id: 'AcknowledgeIncident' });
export type AcknowledgeIncident = z.infer<typeof AcknowledgeIncident>;

const maxSilenceDays = 30;
const dayMs = 86_400_000;

export const SilenceIncident = z
  .strictObject({
    until: Instant.refine(
      (text) => Date.parse(text) > Date.now() && Date.parse(text) <= Date.now() + maxSilenceDays * dayMs,
      `It must lie ahead, ${maxSilenceDays} days at most`,
    ).meta({ description: `When messages tell of it again (RFC 3339), ${maxSilenceDays} days ahead at most` }),
    reason: storableText(500),
  })
  .meta({ id: 'SilenceIncident' });
export type SilenceIncident = z.infer<typeof SilenceIncident>;

/** What the message about a change of an incident is made of. */
export const IncidentNotice = z.object({
  change: IncidentChange,
  incident_id: z.uuid(),
  kind: z.string(),
  subject: z.string(),
  severity: Severity,
  state: IncidentState,
  summary: z.string(),
  detail: z.record(z.string(), z.unknown()),
  flaps: z.int(),
  opened_at: z.string(),
  at: z.string(),
});
export type IncidentNotice = z.infer<typeof IncidentNotice>;
