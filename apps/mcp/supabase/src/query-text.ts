// What a query may use in Pulser's own database, where one login serves all tenants: PostgreSQL shows a login the statements
// of its other sessions and lets it end them. So a query is read by PostgreSQL's own parser before it runs.
import { ToolError } from '@pulser/mcp-server-kit';
import type { Client } from 'pg';

import { namesIn, type NamesOfQuery } from './query-names.policy.js';

// A function that is declared stable or immutable, and parallel safe, changes nothing and reads no session. Functions of
// PostgreSQL that tell of the server are called pg_... Those that run SQL given as a text, by which a query could get around
// this check, are not parallel safe.
const unsafe = `
  select distinct called.name from unnest($1::text[]) as called (name) join pg_proc p on p.proname = called.name
  where p.provolatile = 'v' or p.proparallel <> 's' or called.name like 'pg\\_%'
  order by 1 limit 1`;

const namesOf = async (sql: string): Promise<NamesOfQuery> => {
  // Of 2 MB, for this alone.
  const { parse } = await import('libpg-query');
  const tree = await parse(sql).catch((error: unknown) => {
    throw new ToolError('invalid_args', `The SQL cannot be read: ${(error as Error).message}`);
  });
  return namesIn(tree);
};

const isReadable = ({ schema, name }: NamesOfQuery['tables'][number]): boolean =>
  (schema === undefined || schema === 'public') && !name.startsWith('pg_');

/** @throws ToolError refused, naming what may not be used; invalid_args when it cannot be parsed */
export const checkQuery = async (client: Client, sql: string): Promise<void> => {
  const { tables, functions } = await namesOf(sql);
  const table = tables.find((each) => !isReadable(each));
  if (table !== undefined)
    throw new ToolError(
      'refused',
      `${table.name} may not be read in Pulser's own database: only tables of its own may`,
    );
  const [bad] = (await client.query<{ name: string }>(unsafe, [functions])).rows;
  if (bad !== undefined)
    throw new ToolError(
      'refused',
      `${bad.name} may not be called in Pulser's own database: only functions that change nothing and tell nothing of the server may`,
    );
};
