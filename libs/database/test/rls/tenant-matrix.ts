import type pg from 'pg';

import { type Cell, cellsOf, isOfTools } from './cells.policy.js';
import { makeProbe, wrongCells } from './probe.js';
import { sampleTable } from './sample-table.js';

const found = `
  select oid::regclass::text as name from pg_class c
  where relkind in ('r', 'p') and not relispartition and relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
    and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id' and not attisdropped)
  order by 1`;

/** Every table with a tenant. A partition is reached through its table. */
export const tablesWithTenant = async (client: pg.Client): Promise<string[]> =>
  (await client.query<{ name: string }>(found)).rows.map(({ name }) => name);

const services = ['pulser_app', 'pulser_service'];

export interface MatrixResult {
  readonly cells: number;
  /** A sentence for each cell that did not come out as it must. */
  readonly wrong: readonly string[];
}

/**
 * Rows of both tenants in a table, and every command on it as either tenant, as none, and as the other roles. The gateway's
 * role is given every right, and that of tools on what it reads, so that nothing but the policies can hold it.
 * @param client the administrator's, in a transaction that the caller undoes
 */
export const cellsOn = async (client: pg.Client, table: string): Promise<Cell[]> => {
  const roles = isOfTools(table) ? [...services, 'pulser_mcp'] : services;
  await client.query(`grant select, insert, update, delete on ${table} to ${roles.join(', ')}`);
  return cellsOf(await sampleTable(client, table));
};

/** Tries all of them. @param client the administrator's, in a transaction that the caller undoes */
export const tenantMatrix = async (client: pg.Client, table: string): Promise<MatrixResult> => {
  await makeProbe(client);
  const cells = await cellsOn(client, table);
  return { cells: cells.length, wrong: await wrongCells(client, table, cells) };
};
