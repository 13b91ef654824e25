// Migrations, kept where the Supabase command line keeps them.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import type { Client } from 'pg';
import { z } from 'zod';

import { withDatabase } from '../connection.js';
import { checkedMigration } from '../migration-text.js';

const there = `select to_regclass('supabase_migrations.schema_migrations') is not null as there`;

const isKept = async (client: Client): Promise<boolean> => {
  const [row] = (await client.query<{ there: boolean }>(there)).rows;
  return row?.there ?? false;
};

const Migration = z.object({ version: z.string(), name: z.string().nullable(), statements: z.int().nullable() });
const maxMigrations = 1_000;

const list = defineTool({
  name: 'supabase_migration_list',
  title: 'Applied migrations',
  description: 'Migrations that were applied to the database, the newest first.',
  flag: 'read',
  input: z.object({}),
  output: z.object({ migrations: z.array(Migration), truncated: z.boolean() }),
  examples: [{ arguments: {} }],
  run: (_, call) =>
    withDatabase(call, 'read only', async (client) => {
      if (!(await isKept(client))) return { migrations: [], truncated: false };
      const { rows } = await client.query<z.input<typeof Migration>>(
        `select version, name, cardinality(statements) as statements from supabase_migrations.schema_migrations
         order by version desc limit $1`,
        [maxMigrations + 1],
      );
      return { migrations: rows.slice(0, maxMigrations), truncated: rows.length > maxMigrations };
    }),
});

const keep = [
  'create schema if not exists supabase_migrations',
  'create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text)',
];

/** Its version. @throws ToolError conflict when one of this name was applied */
const note = async (client: Client, name: string, statements: readonly string[]): Promise<string> => {
  for (const statement of keep) await client.query(statement);
  const known = await client.query('select from supabase_migrations.schema_migrations where name = $1', [name]);
  if (known.rowCount !== 0) throw new ToolError('conflict', `A migration ${name} was applied already`);
  const { rows } = await client.query<{ version: string }>(
    `insert into supabase_migrations.schema_migrations (version, name, statements)
     values (to_char(clock_timestamp() at time zone 'UTC', 'YYYYMMDDHH24MISS'), $1, $2) returning version`,
    [name, statements],
  );
  return rows[0]?.version ?? '';
};

/** Ends a transaction that came to its end, so that nothing of it remains. */
class DryRun extends Error {}

const apply = defineTool({
  name: 'supabase_migration_apply',
  title: 'Apply a migration',
  description:
    'Applies SQL to the database in one transaction and notes it as a migration. By default everything is run and rolled back; with dry_run false it is kept.',
  flag: 'destructive',
  timeLimitMs: 330_000,
  input: z.object({
    name: z
      .string()
      .regex(/^[a-z0-9_]{1,100}$/)
      .describe('Like add_orders_region'),
    sql: z.string().min(1).max(500_000),
    dry_run: z.boolean().default(true),
  }),
  output: z.object({
    dry_run: z.boolean(),
    version: z.string().nullable().describe('Null for a dry run'),
    statements: z.array(z.string()).describe('Kind of each statement'),
  }),
  examples: [{ arguments: { name: 'add_orders_region', sql: 'alter table orders add column region text' } }],
  run: async ({ name, sql, dry_run: isDry }, call) => {
    // Before anything is looked at: who has no database needs no parser.
    call.required('SUPABASE_DB_URL');
    const { kinds, texts } = await checkedMigration(sql);
    try {
      const version = await withDatabase(
        call,
        'read write',
        async (client) => {
          await client.query(sql);
          const noted = await note(client, name, texts);
          if (isDry) throw new DryRun();
          return noted;
        },
        { statementMs: 300_000 },
      );
      return { dry_run: isDry, version, statements: kinds };
    } catch (error) {
      if (error instanceof DryRun) return { dry_run: isDry, version: null, statements: kinds };
      throw error;
    }
  },
});

export const migrationTools = [list, apply] as const;
