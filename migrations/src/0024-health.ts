import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { countAllBut } from './sql/task-deltas.js';
import { noteAllBut } from './sql/task-facets.js';

/** As `systemTenantId` of the contracts: tasks of Pulser itself. The first leader makes its row. */
const systemTenant = '00000000-0000-8000-8000-000000000000';

// One row. Every statement of the leader compares its epoch, so that one that was frozen and lost the lease does nothing.
const healthLeader = [
  `create table health_leader (
    only_row boolean primary key default true check (only_row),
    holder text,
    epoch bigint not null default 0,
    until timestamptz not null default '-infinity',
    memory jsonb not null default '{}'
  )`,
  // Renewed once a second, in its page.
  'alter table health_leader set (fillfactor = 50)',
  'insert into health_leader default values',
];

const statuses = `('healthy', 'degraded', 'unhealthy')`;

const agentStatus = [
  `create table agent_status (
    agent_name text primary key,
    status text not null check (status in ${statuses}),
    reasons text[] not null default '{}',
    since timestamptz not null default now(),
    share smallint not null default 100 check (share between 0 and 100),
    stand_in text,
    epoch bigint not null,
    figures jsonb,
    updated_at timestamptz not null default now()
  )`,
  'alter table agent_status set (fillfactor = 50)',
  `create table agent_status_change (
    agent_name text not null,
    at timestamptz not null default now(),
    status text not null check (status in ${statuses}),
    reasons text[] not null,
    share smallint not null,
    stand_in text,
    epoch bigint not null,
    primary key (agent_name, at)
  )`,
];

const agentHealth = `
  create table agent_health (
    agent_name text not null,
    level text not null check (level in ('minute', 'hour')),
    at timestamptz not null,
    observed_s float8 not null,
    degraded_s float8 not null,
    unhealthy_s float8 not null,
    canaries int not null,
    canaries_lost int not null,
    canary_ms float8,
    canary_max_ms float8,
    memory_mb int,
    lag_ms int,
    instances int not null,
    slots int not null,
    running int not null,
    depth bigint not null,
    primary key (agent_name, level, at)
  )`;

const comments = [
  `comment on table health_leader is 'which of the health services decides and acts'`,
  `comment on column health_leader.epoch is 'counts the leaders; a statement with an older one does nothing'`,
  `comment on column health_leader.memory is 'what the next leader goes on from'`,
  `comment on table agent_status is 'how each agent is, kept by the leader of the health services'`,
  `comment on column agent_status.share is 'percent of its new tasks that go to it: 0 while its stand-in takes them'`,
  `comment on column agent_status.stand_in is 'takes the rest of its tasks; null: nobody does'`,
  `comment on column agent_status.figures is 'what was last measured of it, over all tenants'`,
  `comment on column agent_status.updated_at is 'when the leader last looked at it'`,
  `comment on table agent_status_change is 'what agent_status was'`,
  `comment on table agent_health is 'what was measured of agents, by minute and hour (UTC)'`,
  `comment on column agent_health.observed_s is 'seconds of it in which a health service led'`,
  `comment on column agent_health.canary_ms is 'sum over the canaries that came back'`,
  `comment on column agent_health.memory_mb is 'most of one instance'`,
  `comment on column agent_health.lag_ms is 'longest delay of the event loop of an instance'`,
  `comment on column agent_health.instances is 'fewest'`,
  `comment on column agent_health.slots is 'fewest, of all instances'`,
  `comment on column agent_health.running is 'most, of all instances'`,
  `comment on column agent_health.depth is 'most tasks that waited'`,
];

const tables = ['agent_status', 'agent_status_change', 'agent_health'];

const grants = [
  ...[...tables, 'health_leader'].map((table) => `grant select, insert, update, delete on ${table} to pulser_service`),
  ...tables.map((table) => `grant select on ${table} to pulser_app`),
];

const asTenant = `select set_config('app.tenant_id', '${systemTenant}', true)`;
const asNobody = `select set_config('app.tenant_id', '', true)`;

/** How agents are, who watches them, and the tenant of the tasks that Pulser submits itself, which nothing counts. */
export class Health1763840000024 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...healthLeader,
      ...agentStatus,
      agentHealth,
      ...comments,
      ...grants,
      ...countAllBut(systemTenant),
      noteAllBut(systemTenant),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      asTenant,
      `delete from task_queue where tenant_id = '${systemTenant}'`,
      `delete from tenant where tenant_id = '${systemTenant}'`,
      asNobody,
      ...countAllBut(),
      noteAllBut(),
      'drop table agent_health, agent_status_change, agent_status, health_leader',
    ]);
  }
}
