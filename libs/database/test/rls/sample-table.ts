import type pg from 'pg';

import { besides, byType, type Made, type Owner, owners } from './sample-values.js';

/** A table with rows of each owner in it. */
export interface SampleTable {
  readonly name: string;
  readonly owners: readonly Owner[];
  /** Whether a tenant has one row at most. */
  readonly single: boolean;
  /** The statement that makes the nth row of an owner; the first stands there. */
  readonly insert: Made<string>;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** Whether the database makes a value by itself. */
  readonly preset: boolean;
  /** Whether it is a key by itself. */
  readonly unique: boolean;
}

const columnsOf = `
  select attname::text as name, format_type(atttypid, null) as type, not attnotnull as nullable,
    atthasdef or attidentity <> '' as preset,
    exists (select from pg_index where indrelid = attrelid and indisunique and indkey::text = attnum::text) as unique
  from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`;

const referencedBy = `
  select distinct confrelid::regclass::text as name from pg_constraint
  where contype = 'f' and conrelid = $1::regclass and confrelid <> conrelid`;

// An id has a value even if the database would make one: other rows refer to it.
const isGiven = ({ name, type, nullable, preset }: Column): boolean =>
  name !== 'tenant_id' && !nullable && (!preset || type === 'uuid');

const makerOf = (table: string, { name, type }: Column): Made<string> => {
  const made = byType[type];
  if (made === undefined)
    throw new Error(`${table}.${name}: no value of type ${type} is known: add one to byType in sample-values.ts`);
  return made;
};

const quoted = (value: string | null): string => (value === null ? 'null' : `'${value}'`);

const insertOf = (table: string, columns: readonly Column[]): Made<string> => {
  const given = columns.filter(isGiven).map((column) => [column.name, makerOf(table, column)] as const);
  return (owner, n) => {
    const values: Record<string, string | null> = {
      ...Object.fromEntries(given.map(([name, made]) => [name, made(owner, n)])),
      ...besides[table]?.(owner, n),
      tenant_id: owners[owner],
    };
    const names = Object.keys(values);
    return `insert into ${table} (${names.join(', ')}) values (${Object.values(values).map(quoted).join(', ')})`;
  };
};

const add = (client: pg.Client, { name, insert }: SampleTable, owner: Owner, n: number): Promise<unknown> =>
  client.query(`${insert(owner, n)} on conflict do nothing`).catch((error: unknown) => {
    const message = `${name}: no row of it can be made: add what it needs to besides in sample-values.ts`;
    throw new Error(message, { cause: error });
  });

const describeTable = async (client: pg.Client, name: string): Promise<SampleTable> => {
  const { rows } = await client.query<Column>(columnsOf, [name]);
  const tenant = rows.find((column) => column.name === 'tenant_id');
  return {
    name,
    owners: tenant?.nullable === true ? ['a', 'b', 'nobody'] : ['a', 'b'],
    single: tenant?.unique === true,
    insert: insertOf(name, rows),
  };
};

/** Two rows of each tenant in every table that it refers to. */
const addReferenced = async (client: pg.Client, name: string): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(referencedBy, [name]);
  // Also where no key refers to the tenant: its audit trail does.
  const missing = name === 'tenant' || rows.some((row) => row.name === 'tenant') ? [] : [{ name: 'tenant' }];
  for (const referenced of [...missing, ...rows]) {
    await addReferenced(client, referenced.name);
    const table = await describeTable(client, referenced.name);
    for (const owner of ['a', 'b'] as const) for (const n of [1, 2]) await add(client, table, owner, n);
  }
};

/** @param client the administrator's, in a transaction that the caller undoes @throws Error that says what to add */
export const sampleTable = async (client: pg.Client, name: string): Promise<SampleTable> => {
  await addReferenced(client, name);
  const table = await describeTable(client, name);
  for (const owner of table.owners) await add(client, table, owner, 1);
  return table;
};
