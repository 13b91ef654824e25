import { ownersPath } from './owner.js';

/** Whose rows are the installation's: `systemTenantId` of the contracts. The first leader makes its row: no key refers to it here. */
const systemTenant = '00000000-0000-8000-8000-000000000000';

const destination = `
  create table destination (
    tenant_id uuid not null,
    destination_id uuid not null default pulser.new_id(),
    name text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    kind text not null check (kind in ('slack', 'email', 'webhook', 'log')),
    address jsonb not null default '{}',
    secret text,
    incidents_from text check (incidents_from in ('info', 'warning', 'critical')),
    after_min int check (after_min between 1 and 10080),
    quiet jsonb,
    code_hash bytea,
    code_expires_at timestamptz,
    confirmed_at timestamptz,
    made_at timestamptz not null default now(),
    made_by text not null,
    primary key (tenant_id, destination_id),
    unique (tenant_id, name),
    unique (code_hash, tenant_id)
  )`;

const notification = `
  create table notification (
    tenant_id uuid not null,
    notification_id uuid not null default pulser.new_id(),
    kind text not null check (kind in ('incident', 'task_end', 'approval', 'report', 'confirmation', 'test')),
    content jsonb not null,
    incident_id uuid,
    created_at timestamptz not null default now(),
    primary key (tenant_id, notification_id)
  )`;

const delivery = `
  create table notification_delivery (
    tenant_id uuid not null,
    delivery_id uuid not null default pulser.new_id(),
    notification_id uuid not null,
    destination_id uuid not null,
    message_id uuid not null,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'failed', 'skipped')),
    attempts int not null default 0,
    due_at timestamptz not null default now(),
    log jsonb not null default '[]',
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (tenant_id, delivery_id),
    unique (tenant_id, notification_id, destination_id),
    foreign key (tenant_id, notification_id) references notification on delete cascade,
    foreign key (tenant_id, destination_id) references destination on delete cascade
  )`;

const indexes = [
  'create index notification_of_incident on notification (tenant_id, incident_id) where incident_id is not null',
  'create index notification_age on notification (created_at)',
  'create index delivery_of_destination on notification_delivery (tenant_id, destination_id, delivery_id)',
  `create index delivery_due on notification_delivery (due_at) where state = 'pending'`,
];

const comments = [
  `comment on table destination is 'where messages go; tasks and routes name it'`,
  `comment on column destination.address is 'of an e-mail: to; of a webhook: url'`,
  `comment on column destination.secret is 'name of the secret that is the address of a Slack webhook, or signs; of the tenant, or of NOTIFY_SECRETS for the installation'`,
  `comment on column destination.incidents_from is 'least severity of incidents that it is told of; null: of none'`,
  `comment on column destination.after_min is 'minutes after which it is told of an incident that nobody has acknowledged; null: at once'`,
  `comment on column destination.quiet is 'hours in which messages wait: from, to, time_zone'`,
  `comment on column destination.code_hash is 'of the code by which the receiver confirms it'`,
  `comment on table notification is 'something that destinations are told of, written with its cause'`,
  `comment on column notification.content is 'what the message is made of, by kind'`,
  `comment on table notification_delivery is 'a notification on its way to one destination'`,
  `comment on column notification_delivery.message_id is 'Message-ID and webhook-id; one for all that travel in one message'`,
  `comment on column notification_delivery.due_at is 'when it is sent, or sent again; while it is sent, the end of the lease'`,
  `comment on column notification_delivery.log is 'one entry for each attempt: at, ms, outcome'`,
];

export const destinationTables = [destination, notification, delivery, ...indexes, ...comments];

// A code is looked up before its tenant is known. One update: of two requests with the same code one gets a row.
const confirm = `
  create function pulser.confirm_destination(wanted bytea, author jsonb) returns table (name text, kind text)
  language sql volatile security definer ${ownersPath} as $$
    select set_config('app.actor', author::text, true);
    update public.destination d set confirmed_at = now(), code_hash = null, code_expires_at = null
    where d.code_hash = wanted and d.code_expires_at > now()
    returning d.name, d.kind
  $$`;

export const destinationFunctions = [
  confirm,
  // The function runs as the owner, whom FORCE binds too.
  'create policy code_lookup on destination for select to pulser_owner using (true)',
  'create policy code_use on destination for update to pulser_owner using (true)',
  'revoke execute on function pulser.confirm_destination(bytea, jsonb) from public',
  'grant execute on function pulser.confirm_destination(bytea, jsonb) to pulser_app, pulser_service',
];

const none = { own: 'tenant is null', 'own and system': `tenant is null or tenant = '${systemTenant}'` };

/** Which rows stand in the trail of the installation: those without a tenant, and those of the system tenant. */
export const trailOf = (which: keyof typeof none): string => `
  create or replace function pulser.append_to_trail(tenant uuid, wanted public.audit_entry) returns void
  language plpgsql security definer ${ownersPath} as $$
  begin
    if ${none[which]} then
      perform pulser.append_installation_audit(wanted);
    else
      perform pulser.append_audit(tenant, wanted);
    end if;
  end
  $$`;

const transitions = {
  insert: 'referencing new table as new_table',
  update: 'referencing old table as old_table new table as new_table',
  delete: 'referencing old table as old_table',
} as const;

export const destinationTriggers = Object.entries(transitions).map(
  ([event, referencing]) => `
  create trigger audit_${event} after ${event} on destination ${referencing} for each statement
  execute function pulser.audit_rows('destination', '{name}', '{code_hash,code_expires_at}')`,
);
