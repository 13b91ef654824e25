import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// What may be spent on models, by a task, by the tree that it belongs to, and by a tenant in a day. A row is made by the
// first reservation; `max_...` are the limits that the last one was checked against.
const spendBudget = `
  create table spend_budget (
    tenant_id uuid not null references tenant,
    scope text not null check (scope in ('task', 'tree', 'day')),
    key text not null,
    max_micros bigint not null,
    max_tokens bigint not null,
    max_calls bigint not null,
    spent_micros bigint not null default 0 check (spent_micros >= 0),
    spent_tokens bigint not null default 0 check (spent_tokens >= 0),
    spent_calls bigint not null default 0 check (spent_calls >= 0),
    reserved_micros bigint not null default 0 check (reserved_micros >= 0),
    reserved_tokens bigint not null default 0 check (reserved_tokens >= 0),
    reserved_calls bigint not null default 0 check (reserved_calls >= 0),
    warned boolean not null default false,
    touched_at timestamptz not null default now(),
    primary key (tenant_id, scope, key)
  )`;

// The ledger: one row for each HTTP request to a model, written before it is sent.
const spendCall = `
  create table spend_call (
    tenant_id uuid not null references tenant,
    call_id uuid not null default pulser.new_id(),
    task_id uuid not null,
    root_id uuid not null,
    day date not null,
    epoch int not null,
    step text not null,
    agent text not null,
    task_type text not null,
    model text not null,
    state text not null default 'reserved' check (state in ('reserved', 'settled')),
    outcome text check (outcome in ('answered', 'overrun', 'refused', 'unsent', 'unknown', 'lost')),
    http_status int,
    reserved_micros bigint not null,
    reserved_tokens bigint not null,
    input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    micros bigint not null default 0,
    made_at timestamptz not null default now(),
    until timestamptz not null,
    ended_at timestamptz,
    primary key (tenant_id, call_id),
    check ((state = 'settled') = (outcome is not null)),
    check ((state = 'settled') = (ended_at is not null))
  )`;

// Sums that outlive their tasks.
const spendDay = `
  create table spend_day (
    tenant_id uuid not null references tenant,
    day date not null,
    agent text not null,
    task_type text not null,
    model text not null,
    calls bigint not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    micros bigint not null,
    primary key (tenant_id, day, agent, task_type, model)
  )`;

const comments = [
  `comment on table spend_budget is 'what may be spent on models, and what is spent and reserved of it, in micro-dollars'`,
  `comment on column spend_budget.key is 'id of the task or of the root of its tree, or the day (UTC)'`,
  `comment on column spend_budget.warned is 'destinations were told that it is nearly used'`,
  `comment on table spend_call is 'one row for each request to a model; reserved before it is sent, settled after it'`,
  `comment on column spend_call.step is 'which step of the task asked'`,
  `comment on column spend_call.outcome is 'refused: by the server, for nothing; unsent: there was no connection; unknown: it broke off and is charged as reserved; lost: so is that of a worker that is gone'`,
  `comment on column spend_call.until is 'when it has surely ended'`,
  `comment on table spend_day is 'what was spent on models, by day'`,
];

/** Budgets of models and what was spent on them. */
export class Spend1763840000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      spendBudget,
      spendCall,
      spendDay,
      'create index spend_call_of_task on spend_call (tenant_id, task_id, call_id)',
      `create index spend_call_open on spend_call (until) where state = 'reserved'`,
      'create index spend_budget_age on spend_budget (touched_at)',
      ...['spend_budget', 'spend_call', 'spend_day'].flatMap((table) =>
        tenantTable(table, ['select', 'insert', 'update']),
      ),
      ...comments,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop table spend_day', 'drop table spend_call', 'drop table spend_budget']);
  }
}
