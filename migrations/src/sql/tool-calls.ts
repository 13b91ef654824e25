// The calls of tools of MCP servers. They lie in weeks like tasks: those of a task, with a key or an approval, in its week.
const outcomes = [
  ...['pending', 'done', 'lost', 'unknown_tool', 'not_allowed', 'invalid_args', 'server_unavailable', 'not_configured'],
  ...['timeout', 'rate_limited', 'upstream_error', 'approval_required'],
];

export const toolCallTable = `
  create table tool_call (
    tenant_id uuid not null,
    call_id uuid not null,
    at timestamptz not null default now(),
    tool text not null,
    server text,
    flag text check (flag in ('read', 'write', 'destructive')),
    agent text,
    task_id uuid,
    epoch int,
    principal text,
    arguments jsonb not null,
    arguments_hash bytea not null,
    approval_id uuid,
    outcome text not null check (outcome in (${outcomes.map((outcome) => `'${outcome}'`).join(', ')})),
    message text,
    answer jsonb,
    duration_ms double precision,
    primary key (tenant_id, call_id)
  ) partition by range (call_id)`;

export const toolCallComments = [
  `comment on table tool_call is 'every call of a tool, refused ones too; one that changes something is written before it leaves'`,
  `comment on column tool_call.call_id is 'made of the idempotency key or the approval, where there is one: so a call is made once'`,
  `comment on column tool_call.principal is 'id of a key, or subject of a token; null: a task has called'`,
  `comment on column tool_call.arguments is 'as they are shown: secrets are hidden, long texts are cut'`,
  `comment on column tool_call.arguments_hash is 'SHA-256 of the exact ones'`,
  `comment on column tool_call.outcome is 'pending: sent, and not answered; lost: nobody knows what became of it'`,
  `comment on column tool_call.answer is 'of a call with a key, for who repeats it'`,
  `comment on column api_key.tools is 'which tools of MCP servers it may call: patterns; null: those that only read'`,
];

export const toolCallIndexes = [
  'create index tool_call_listed on tool_call (tenant_id, at desc, call_id desc)',
  'create index tool_call_of_task on tool_call (tenant_id, task_id, call_id desc) where task_id is not null',
  `create index tool_call_pending on tool_call (at) where outcome = 'pending'`,
];

// FORCE binds the owner too.
export const withoutCallApprovals = [
  'create policy calls_look on approval for select to pulser_owner using (true)',
  'create policy calls_end on approval for delete to pulser_owner using (true)',
  'create policy calls_look on approval_decision for select to pulser_owner using (true)',
  'create policy calls_end on approval_decision for delete to pulser_owner using (true)',
  `delete from approval_decision d using approval a
   where a.tenant_id = d.tenant_id and a.approval_id = d.approval_id and a.task_id is null`,
  'delete from approval where task_id is null',
  ...['calls_look', 'calls_end'].flatMap((policy) => [
    `drop policy ${policy} on approval`,
    `drop policy ${policy} on approval_decision`,
  ]),
];
