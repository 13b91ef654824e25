// The tables of approvals, whose rows live as long as their tasks, and the functions that know who had a part in a request.
import { ownersPath } from './owner.js';

const approval = `
  create table approval (
    tenant_id uuid not null,
    approval_id uuid not null,
    task_id uuid not null,
    root_id uuid not null,
    task_type text not null,
    operation text not null default '',
    step text not null default '',
    iteration int not null default 0,
    wait_key text not null,
    title text not null,
    arguments jsonb not null,
    hash bytea not null,
    needed int not null default 1 check (needed between 1 and 20),
    least_role text not null default 'approver' check (least_role in ('approver', 'admin')),
    deciders text[],
    requesters text[] not null,
    link_key bytea not null default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
    status text not null default 'waiting' check (status in ('waiting', 'approved', 'denied', 'expired', 'withdrawn')),
    asked_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    used_at timestamptz,
    primary key (tenant_id, approval_id)
  ) partition by range (approval_id)`;

const decision = `
  create table approval_decision (
    tenant_id uuid not null,
    approval_id uuid not null,
    person text not null,
    verdict text not null check (verdict in ('approved', 'denied', 'delegated')),
    aliases text[] not null,
    name text not null,
    comment text,
    delegated_to text,
    at timestamptz not null default now(),
    primary key (tenant_id, approval_id, person, verdict)
  ) partition by range (approval_id)`;

export const approvalTables = { approval, approval_decision: decision } as const;

export const approvalComments = [
  `comment on table approval is 'what tasks ask persons for before they go on'`,
  `comment on column approval.approval_id is 'made of the id of the task and of the hash: it lies in the week of the task'`,
  `comment on column approval.wait_key is 'key of the wait of the task'`,
  `comment on column approval.arguments is 'as they are shown: secrets are hidden, long texts are cut'`,
  `comment on column approval.hash is 'SHA-256 of the exact arguments, operation, step and iteration'`,
  `comment on column approval.needed is 'persons that must approve'`,
  `comment on column approval.deciders is 'the persons that may decide; null: every one with the role'`,
  `comment on column approval.requesters is 'who had a part in the request, and may not decide'`,
  `comment on column approval.link_key is 'what links in messages are signed with'`,
  `comment on column approval.used_at is 'when the task has taken the outcome'`,
  `comment on table approval_decision is 'what persons decided, and whom they gave their place to'`,
  `comment on column approval_decision.person is 'subject of a token; of a key, who made it: so each person counts once'`,
  `comment on column approval_decision.aliases is 'every name that the person and the key have'`,
  `comment on column api_key.made_by is 'the person who made the key; null: made at a shell, a person of its own'`,
];

export const approvalIndexes = [
  `create index approval_of_task on approval (tenant_id, task_id)`,
  `create index approval_listed on approval (tenant_id, asked_at desc, approval_id desc)`,
  `create index approval_in_state on approval (tenant_id, status, asked_at desc, approval_id desc)`,
  `create index approval_last on approval (tenant_id, task_type, operation, step, asked_at desc) where status = 'approved'`,
  `create index approval_due on approval (expires_at) where status = 'waiting'`,
];

// A key, those that it replaces, and who made them: all of them are hands of the same person, as far as anybody can know.
const identities = `
  create function pulser.identities(tenant uuid, who text) returns text[]
  language sql stable set search_path = pg_catalog, pg_temp as $$
    with recursive line as (
      select key_id, made_by, rotated_from from public.api_key where tenant_id = tenant and key_id::text = who
      union
      select k.key_id, k.made_by, k.rotated_from
      from line l join public.api_key k on k.tenant_id = tenant and k.key_id = l.rotated_from
    )
    select array(
      select who where who is not null union select key_id::text from line
      union select made_by from line where made_by is not null
    )
  $$`;

const person = `
  create function pulser.person_of(tenant uuid, who text) returns text
  language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce((select made_by from public.api_key where tenant_id = tenant and key_id::text = who), who)
  $$`;

// Submitters of the task and its ancestors, authors of their schedules and of the versions of their workflows.
const requesters = `
  create function pulser.requesters(tenant uuid, task uuid) returns text[]
  language sql stable set search_path = pg_catalog, pg_temp as $$
    with recursive line as (
      select task_id, parent_id, submitted_by, schedule_id from public.task_queue where tenant_id = tenant and task_id = task
      union all
      select p.task_id, p.parent_id, p.submitted_by, p.schedule_id
      from line l join public.task_queue p on p.tenant_id = tenant and p.task_id = l.parent_id
    ), named as (
      select submitted_by as who from line
      union
      select s.author from line l join public.schedule s on s.tenant_id = tenant and s.schedule_id = l.schedule_id
      union
      select d.made_by from line l
      join public.workflow_run r on r.tenant_id = tenant and r.task_id = l.task_id
      join public.workflow_definition d on d.tenant_id = tenant and d.name = r.workflow and d.version = r.definition_version
    )
    select array(
      select distinct i from named n cross join lateral unnest(pulser.identities(tenant, n.who)) i where n.who is not null
    )
  $$`;

// In the statement that ends a task that waits, whoever ends it.
const withdraw = `
  create function pulser.withdraw_approvals() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $$
  begin
    update public.approval a set status = 'withdrawn', ended_at = now()
    from (
      select case when kind = 'approval' then ref::uuid end as approval_id from public.task_wait
      where tenant_id = new.tenant_id and task_id = new.task_id and is_current
    ) w
    where a.tenant_id = new.tenant_id and a.approval_id = w.approval_id and a.status = 'waiting';
    return null;
  end
  $$`;

const audit = `
  create function pulser.audit_decision() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  begin
    perform pulser.append_audit(new.tenant_id, row(null, null, null, null, 'approval.' || new.verdict,
      array[new.approval_id::text], 'done', null, pulser.digest(to_jsonb(new)), null, null)::public.audit_entry);
    return null;
  end
  $$`;

export const approvalFunctions = [identities, person, requesters, withdraw, audit];

/** Their signatures, in an order in which they can be dropped. */
export const approvalFunctionNames = [
  'audit_decision()',
  'withdraw_approvals()',
  'requesters(uuid, uuid)',
  'person_of(uuid, text)',
  'identities(uuid, text)',
];

export const approvalTriggers = [
  `create trigger audit_insert after insert on approval_decision for each row execute function pulser.audit_decision()`,
  `create trigger withdraw_approvals after update on task_queue for each row
   when (old.status = 'waiting' and new.completed_at is not null) execute function pulser.withdraw_approvals()`,
];
