// Settings of a tenant: a row for each that its administrators have made.
import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';

export interface SettingRow {
  readonly name: string;
  readonly value: unknown;
  /** Counts from 1 since the setting was made. */
  readonly version: number;
  /** Of this value and no other, also after a setting was deleted and made again. */
  readonly tag: string;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

/** What must be there for a change to happen: a value with one of these tags, any value, none, or whatever there is. */
export type Expected = { readonly tags: readonly string[] } | 'any' | 'none' | 'whatever';

/** What a change did. `unexpected`: what was there was not what was expected, and stays. */
export type SettingChange = { readonly kind: 'written'; readonly row: SettingRow } | { readonly kind: 'unexpected' };

const list = statement(
  'settings.list',
  `select name, value, version::int, version || '-' || (extract(epoch from updated_at) * 1000000)::bigint as tag,
     updated_at as "updatedAt", updated_by as "updatedBy"
   from tenant_setting where tenant_id = (select pulser.tenant_id()) and ($1::text is null or name = $1)
   order by name`,
);

// The clock of the statement, not of its transaction: two changes never have the same tag.
const upsert = statement(
  'settings.upsert',
  `insert into tenant_setting as s (tenant_id, name, value, updated_by)
   values ((select pulser.tenant_id()), $1, $2::jsonb, $3)
   on conflict (tenant_id, name) do update set value = excluded.value, version = s.version + 1,
     updated_at = clock_timestamp(), updated_by = excluded.updated_by
   returning name, value, version::int, version || '-' || (extract(epoch from updated_at) * 1000000)::bigint as tag,
     updated_at as "updatedAt", updated_by as "updatedBy"`,
);

const insert = statement(
  'settings.insert',
  `insert into tenant_setting (tenant_id, name, value, updated_by)
   values ((select pulser.tenant_id()), $1, $2::jsonb, $3) on conflict (tenant_id, name) do nothing
   returning name, value, version::int, version || '-' || (extract(epoch from updated_at) * 1000000)::bigint as tag,
     updated_at as "updatedAt", updated_by as "updatedBy"`,
);

const update = statement(
  'settings.update',
  `update tenant_setting set value = $2::jsonb, version = version + 1, updated_at = clock_timestamp(), updated_by = $3
   where tenant_id = (select pulser.tenant_id()) and name = $1
     and ($4::text[] is null or version || '-' || (extract(epoch from updated_at) * 1000000)::bigint = any ($4))
   returning name, value, version::int, version || '-' || (extract(epoch from updated_at) * 1000000)::bigint as tag,
     updated_at as "updatedAt", updated_by as "updatedBy"`,
);

const remove = statement(
  'settings.remove',
  `delete from tenant_setting where tenant_id = (select pulser.tenant_id()) and name = $1
     and ($2::text[] is null or version || '-' || (extract(epoch from updated_at) * 1000000)::bigint = any ($2))
   returning name`,
);

const tagsOf = (expected: Expected): readonly string[] | null => (typeof expected === 'object' ? expected.tags : null);

const writing = (expected: Expected): Statement => {
  if (expected === 'whatever') return upsert;
  return expected === 'none' ? insert : update;
};

/** The settings of one tenant at a time. What a value may be is the caller's to check. */
@Injectable()
export class TenantSettings {
  constructor(private readonly database: Database) {}

  /** Those that were made, by name. */
  list(tenantId: string): Promise<SettingRow[]> {
    return this.database.queryAs<SettingRow>(tenantId, list, [null]);
  }

  async find(tenantId: string, name: string): Promise<SettingRow | undefined> {
    const [row] = await this.database.queryAs<SettingRow>(tenantId, list, [name]);
    return row;
  }

  /** Makes or replaces a setting, when what is there is what is expected. */
  async put(
    tenantId: string,
    actor: Actor,
    { name, value, expected }: { readonly name: string; readonly value: unknown; readonly expected: Expected },
  ): Promise<SettingChange> {
    const tags = typeof expected === 'object' || expected === 'any' ? [tagsOf(expected)] : [];
    const values = [name, JSON.stringify(value), actor.name, ...tags];
    const [row] = await this.change<SettingRow>(tenantId, actor, writing(expected), values);
    return row === undefined ? { kind: 'unexpected' } : { kind: 'written', row };
  }

  /** @returns false when there was nothing that is expected */
  async remove(tenantId: string, actor: Actor, name: string, expected: Expected): Promise<boolean> {
    return (await this.change(tenantId, actor, remove, [name, tagsOf(expected)])).length === 1;
  }

  private change<Row extends object>(
    tenantId: string,
    actor: Actor,
    wanted: Statement,
    values: readonly unknown[],
  ): Promise<Row[]> {
    return asActor(this.database, tenantId, actor, (transaction) => transaction.query<Row>(wanted, values));
  }
}
