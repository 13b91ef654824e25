// Destinations: where messages of Pulser go, confirmed by the receiver. Tasks, schedules and routes name one, and no address.
import { z } from 'zod';

import { DestinationName } from '../destination-name.js';
import { plainText, storableText } from '../json.js';
import { isTimeZone } from '../time-zone.js';
import { exportable } from './exports.js';
import { IncidentNotice, Severity } from './incidents.js';
import { SecretName } from './secrets.js';
import { maxPage } from './tasks.js';

/** `log` is the log of the health service: the installation has it from the start. */
export const destinationKinds = ['slack', 'email', 'webhook', 'log'] as const;
export const DestinationKind = z.enum(destinationKinds);
export type DestinationKind = z.infer<typeof DestinationKind>;

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time of day such as 22:00');

export const QuietHours = z
  .strictObject({
    from: clock,
    to: clock,
    time_zone: plainText(60).refine(isTimeZone, 'A time zone such as Europe/Berlin or UTC').default('UTC'),
  })
  .refine(({ from, to }) => from !== to, 'From and to are the same')
  .meta({
    id: 'QuietHours',
    description: 'Messages that are not critical wait until they end',
    example: { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' },
  });
export type QuietHours = z.infer<typeof QuietHours>;

/** What an installation's destination is told of. */
const routing = {
  incidents_from: Severity.nullable().meta({
    description: 'Least severity of incidents that it is told of; null: of none. For destinations of the installation',
  }),
  after_min: z.int().min(1).max(10_080).nullable().meta({
    description: 'Escalation: it is told only of what nobody has acknowledged for so many minutes; null: at once',
  }),
  quiet: QuietHours.nullable(),
};

const optionalRouting = {
  incidents_from: routing.incidents_from.default(null),
  after_min: routing.after_min.default(null),
  quiet: routing.quiet.default(null),
};

const secretOf = (what: string) =>
  SecretName.meta({
    description: `Name of the secret that ${what}: of the tenant, or of NOTIFY_SECRETS for the installation`,
  });

export const DestinationOrder = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        name: DestinationName,
        kind: z.literal('slack'),
        secret: secretOf('is the URL of a Slack incoming webhook'),
        ...optionalRouting,
      })
      .meta({ example: { name: 'on-call', kind: 'slack', secret: 'on-call-slack' } }),
    z.strictObject({
      name: DestinationName,
      kind: z.literal('email'),
      to: z.email().max(254),
      ...optionalRouting,
    }),
    z.strictObject({
      name: DestinationName,
      kind: z.literal('webhook'),
      url: z.url({ protocol: /^https?$/ }).max(2_000),
      secret: secretOf('signs the requests (Standard Webhooks): `whsec_` and base64, or any text'),
      ...optionalRouting,
    }),
  ])
  .meta({ id: 'DestinationOrder' });
export type DestinationOrder = z.infer<typeof DestinationOrder>;

export const DestinationChange = z
  .strictObject({
    incidents_from: routing.incidents_from.optional(),
    after_min: routing.after_min.optional(),
    quiet: routing.quiet.optional(),
  })
  .meta({
    id: 'DestinationChange',
    description: 'What is left out stays as it is',
    example: { quiet: { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' } },
  });
export type DestinationChange = z.infer<typeof DestinationChange>;

const NullableTime = z.iso.datetime().nullable();

export const DestinationView = z
  .object({
    destination_id: z.uuid(),
    name: z.string(),
    kind: DestinationKind,
    to: z.string().nullable().meta({ description: 'Of an e-mail' }),
    url: z.string().nullable().meta({ description: 'Of a webhook' }),
    secret: z.string().nullable(),
    ...routing,
    confirmed_at: NullableTime.meta({ description: 'When its receiver has confirmed it; null: it gets nothing yet' }),
    made_at: z.iso.datetime(),
    made_by: z.string(),
  })
  .meta({ id: 'Destination' });
export type DestinationView = z.infer<typeof DestinationView>;

export const DestinationList = z.object({ destinations: z.array(DestinationView) }).meta({ id: 'DestinationList' });
export type DestinationList = z.infer<typeof DestinationList>;

export const maxDestinations = 50;

/** Characters of a code: 100 bits, without those that are read as others. */
export const confirmationCode = { alphabet: '23456789ABCDEFGHJKLMNPQRSTUVWXYZ', length: 20 } as const;

export const ConfirmDestination = z
  .strictObject({
    code: plainText(60)
      .transform((text) => text.replace(/[\s-]/g, '').toUpperCase())
      .refine((code) => /^[2-9A-HJ-NP-Z]{20}$/.test(code), 'The code has 20 letters and digits')
      .meta({ description: 'As the receiver was sent it' }),
  })
  .meta({ id: 'ConfirmDestination', example: { code: 'ABCDE-FGHJK-LMNPQ-RSTUV' } });
export type ConfirmDestination = z.infer<typeof ConfirmDestination>;

export const ConfirmedDestination = z
  .object({ name: z.string(), kind: DestinationKind })
  .meta({ id: 'ConfirmedDestination' });
export type ConfirmedDestination = z.infer<typeof ConfirmedDestination>;

export const notificationKinds = ['incident', 'task_end', 'approval', 'report', 'confirmation', 'test'] as const;
export const NotificationKind = z.enum(notificationKinds);
export type NotificationKind = z.infer<typeof NotificationKind>;

export const DeliveryState = z.enum(['pending', 'delivered', 'failed', 'skipped']);
export type DeliveryState = z.infer<typeof DeliveryState>;

/** One attempt to deliver. */
export const DeliveryAttempt = z.object({
  at: z.iso.datetime(),
  ms: z.int(),
  outcome: z.enum(['delivered', 'retry', 'failed', 'deferred']),
  detail: z.string(),
});
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>;

export const DeliveryView = z
  .object({
    delivery_id: z.uuid(),
    notification_id: z.uuid(),
    message_id: z.uuid().meta({
      description: 'As Message-ID and webhook-id have it: a repeat has the same, and so have all of one message',
    }),
    kind: NotificationKind,
    subject: z.string(),
    state: DeliveryState,
    attempts: z.int(),
    due_at: NullableTime.meta({ description: 'When it is sent, or sent again; null: it has ended' }),
    log: z.array(DeliveryAttempt).meta({ description: 'The last 20 attempts, oldest first' }),
    created_at: z.iso.datetime(),
    ended_at: NullableTime,
  })
  .meta({ id: 'Delivery' });
export type DeliveryView = z.infer<typeof DeliveryView>;

export const DeliveryQuery = z.strictObject({
  state: DeliveryState.optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
  ...exportable,
});
export type DeliveryQuery = z.infer<typeof DeliveryQuery>;

export const DeliveryPage = z
  .object({
    deliveries: z.array(DeliveryView),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'DeliveryPage' });
export type DeliveryPage = z.infer<typeof DeliveryPage>;

export const Sent = z
  .object({
    sent: NotificationKind.extract(['confirmation', 'test']),
    delivery_id: z.uuid().meta({ description: 'In the log of deliveries of the destination' }),
  })
  .meta({ id: 'Sent' });
export type Sent = z.infer<typeof Sent>;

/** A file of a task. */
const ArtifactLink = z.object({ task_id: z.uuid(), name: z.string() });

const TaskEndNotice = z.object({
  task_id: z.uuid(),
  task_type: z.string(),
  operation: z.string().optional(),
  /** Name of the schedule that submitted it. */
  schedule: z.string().optional(),
  status: z.enum(['completed', 'failed', 'cancelled']),
  error: z.string().optional(),
  at: z.string(),
  artifacts: z.array(ArtifactLink).default([]),
});

const ApprovalNotice = z.object({
  approval_id: z.uuid(),
  /** Null: a call of a tool that no task makes. */
  task_id: z.uuid().nullable(),
  title: storableText(200),
  text: z.string().default(''),
  /** Persons that must approve. */
  needed: z.int(),
  expires_at: z.string(),
  /** Signature of the link that opens it, hexadecimal. */
  link: z.string(),
});

const ReportNotice = z.object({
  title: storableText(200),
  text: z.string(),
  artifacts: z.array(ArtifactLink).default([]),
});

const ConfirmationNotice = z.object({ destination: z.string(), by: z.string(), code: z.string() });
const TestNotice = z.object({ destination: z.string(), by: z.string() });

/** What a notification tells, by its kind: the rows of `notification`, and the `data` of a webhook. */
export const Notice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('incident'), content: IncidentNotice }),
  z.object({ kind: z.literal('task_end'), content: TaskEndNotice }),
  z.object({ kind: z.literal('approval'), content: ApprovalNotice }),
  z.object({ kind: z.literal('report'), content: ReportNotice }),
  z.object({ kind: z.literal('confirmation'), content: ConfirmationNotice }),
  z.object({ kind: z.literal('test'), content: TestNotice }),
]);
export type Notice = z.infer<typeof Notice>;
