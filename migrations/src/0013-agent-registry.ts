import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';

// A name is admitted before anything can register under it. Agents that come with Pulser need no token: the code of
// their own workers is trusted.
const admittedAgent = `
  create table admitted_agent (
    agent_name text primary key check (agent_name ~ '^[a-z][a-z0-9_]{0,39}$'),
    token_hash bytea,
    admitted_at timestamptz not null default now(),
    revoked_at timestamptz
  )`;

const admittedTaskType = `
  create table admitted_task_type (
    task_type text not null check (task_type ~ '^[a-z][a-z0-9_]{0,39}$'),
    agent_name text not null references admitted_agent on delete cascade,
    is_owner boolean not null,
    primary key (task_type, agent_name)
  )`;

// One row for each version of an agent's code: workers of two versions run side by side while one replaces the other.
const agentRegistration = `
  create table agent_registration (
    agent_name text not null references admitted_agent on delete cascade,
    version text not null,
    registration jsonb not null,
    registered_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    primary key (agent_name, version)
  )`;

const indexes = [
  // A task type has one owner; others may back it up.
  'create unique index admitted_task_type_owner on admitted_task_type (task_type) where is_owner',
  'create index admitted_task_type_agent on admitted_task_type (agent_name)',
];

const comments = [
  `comment on table admitted_agent is 'names under which agents may register'`,
  `comment on column admitted_agent.token_hash is 'SHA-256 of the token that its workers present; null for agents that come with Pulser'`,
  `comment on column agent_registration.last_seen_at is 'kept by the heartbeats of its workers'`,
  `comment on table agent is 'registrations of 0.1; agent_registration takes its place, 0.3 drops it'`,
];

// The gateway reads what is registered; tokens are no business of its role.
const grants = [
  'grant select on admitted_task_type to pulser_app',
  'grant select on agent_registration to pulser_app',
  ...['admitted_agent', 'admitted_task_type', 'agent_registration'].map(
    (table) => `grant select, insert, update, delete on ${table} to pulser_service`,
  ),
];

// Types that workers of 0.1 registered stay served while workers are replaced.
const takeOver = [
  `insert into admitted_agent (agent_name) select agent_name from agent`,
  `insert into admitted_task_type (task_type, agent_name, is_owner)
     select distinct on (t) t, agent_name, true from agent, unnest(task_types) t order by t, last_seen_at desc`,
  `insert into agent_registration (agent_name, version, registration, registered_at, last_seen_at)
     select agent_name, '0.1', jsonb_build_object('agent', agent_name, 'version', '0.1',
       'task_types', (select coalesce(jsonb_agg(jsonb_build_object('task_type', t)), '[]') from unnest(task_types) t),
       'operations', operations), registered_at, last_seen_at from agent`,
];

export class AgentRegistry1763840000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      admittedAgent,
      admittedTaskType,
      agentRegistration,
      ...indexes,
      ...comments,
      ...grants,
      ...takeOver,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop table agent_registration',
      'drop table admitted_task_type',
      'drop table admitted_agent',
    ]);
  }
}
