import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';

// Definitions of tools belong to the installation, as the servers do that list them: there is no tenant.
const mcpPin = `
  create table mcp_pin (
    server text not null,
    tool text not null,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    definition jsonb not null,
    warnings text[] not null default '{}',
    status text not null check (status in ('approved', 'quarantined', 'withdrawn')),
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    decided_at timestamptz,
    decided_by text,
    primary key (server, tool, digest)
  )`;

const comments = [
  `comment on table mcp_pin is 'definitions of tools as their MCP servers have listed them'`,
  `comment on column mcp_pin.tool is 'as its server calls it'`,
  `comment on column mcp_pin.digest is 'SHA-256 of the definition as canonical JSON'`,
  `comment on column mcp_pin.warnings is 'what in the definition persons would not see, or what speaks to a model'`,
  `comment on column mcp_pin.status is 'only an approved definition is offered; one of a tool is approved at most'`,
  `comment on column mcp_pin.decided_by is 'who approved it; null: nobody was asked, because it was the first one'`,
];

/** Pinned definitions of tools. */
export class McpPins1763840000041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      mcpPin,
      `create unique index mcp_pin_approved on mcp_pin (server, tool) where status = 'approved'`,
      ...comments,
      'grant select, insert, update on mcp_pin to pulser_service',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop table mcp_pin']);
  }
}
