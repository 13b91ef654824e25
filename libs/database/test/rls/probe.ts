import type pg from 'pg';

import type { Cell } from './cells.policy.js';
import { owners } from './sample-values.js';

// A new version of a row stands in another place, even with the same values.
const places = `
  create function pg_temp.places(relation regclass) returns jsonb language plpgsql as $$
  declare found jsonb;
  begin
    execute format('select coalesce(jsonb_object_agg(owner, at), ''{}'') from (
      select coalesce(tenant_id::text, ''nobody'') as owner, array_agg(ctid order by ctid)::text as at
      from %s group by 1) p', relation) into found;
    return found;
  end $$`;

// The block of an exception undoes everything in it: rows, settings and the role. What variables hold stays.
const probe = `
  create function pg_temp.probe(relation regclass, settings jsonb, binding uuid, attempt text) returns text language plpgsql as $$
  declare before jsonb := pg_temp.places(relation); after jsonb := before; seen text[];
  begin
    begin
      if binding is not null then perform pulser.bind_tenant(binding); end if;
      perform set_config(key, value, true) from jsonb_each_text(settings);
      if attempt like 'select %' then
        execute format('select array_agg(distinct coalesce(tenant_id::text, ''nobody'')) from (%s) s', attempt) into seen;
      else
        execute attempt;
        perform set_config('role', 'none', true);
        after := pg_temp.places(relation);
      end if;
      raise exception using errcode = 'UNDO0';
    exception
      when sqlstate 'UNDO0' then null;
      when insufficient_privilege then return 'refused';
      when unique_violation then return 'a key stops it';
      when invalid_text_representation then return 'no uuid';
      when others then return sqlerrm;
    end;
    return array_to_string(seen || array(
      select key from jsonb_each(before || after) where before -> key is distinct from after -> key order by 1), ' ');
  end $$`;

// In the order of the cells, and no further than to the last one that is asked for.
const run = `
  select format('%s: %s: "%s" instead of "%s"', c.name, c.attempt, outcome, c.expected) as wrong
  from unnest($2::text[], $3::jsonb[], $4::uuid[], $5::text[], $6::text[]) as c (name, settings, binding, attempt, expected),
    lateral pg_temp.probe($1::regclass, c.settings, c.binding, c.attempt) as raw,
    lateral replace(replace(raw, '${owners.a}', 'a'), '${owners.b}', 'b') as outcome
  where outcome is distinct from c.expected limit $7`;

/** Makes the functions by which `wrongCells` tries. @param client the administrator's, in a transaction that the caller undoes */
export const makeProbe = async (client: pg.Client): Promise<void> => {
  await client.query(places);
  await client.query(probe);
};

/**
 * Makes every attempt and undoes each.
 * @param client the administrator's, in a transaction that the caller undoes, after `makeProbe`
 * @param most as many are enough
 * @returns a sentence for each cell that did not come out as it must
 */
export const wrongCells = async (
  client: pg.Client,
  table: string,
  cells: readonly Cell[],
  most?: number,
): Promise<string[]> => {
  const { rows } = await client.query<{ wrong: string }>(run, [
    table,
    cells.map(({ name }) => name),
    cells.map(({ settings }) => JSON.stringify(settings)),
    cells.map(({ binding }) => binding ?? null),
    cells.map(({ attempt }) => attempt),
    cells.map(({ expected }) => expected),
    most ?? null,
  ]);
  return rows.map(({ wrong }) => wrong);
};
