// Tenants: their names, ids and limits.
import { Injectable } from '@nestjs/common';
import { systemTenantId } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

const columns = `name, weight, max_waiting as "maxWaiting", max_daily as "maxDaily", retention_days as "retentionDays",
  max_content_bytes::float8 as "maxContentBytes"`;

const ensure = statement(
  'tenants.ensure',
  `insert into tenant (name) values ($1)
   on conflict (name) do update set name = excluded.name where tenant.tenant_id <> $2 returning tenant_id as "tenantId"`,
);

const find = statement(
  'tenants.find',
  `select tenant_id as "tenantId" from tenant where name = $1 and tenant_id <> $2`,
);

const nameOf = statement('tenants.name-of', `select name from tenant where tenant_id = $1`);

const list = statement('tenants.list', `select ${columns} from tenant where tenant_id <> $1 order by name`);

const set = statement(
  'tenants.set',
  `update tenant set weight = coalesce($2::int, weight),
     max_waiting = case when $3 then $4::int else max_waiting end,
     retention_days = case when $5 then $6::int else retention_days end,
     max_daily = case when $7 then $8::int else max_daily end,
     max_content_bytes = case when $9 then $10::bigint else max_content_bytes end
   where name = $1 and tenant_id <> $11 returning ${columns}`,
);

/** A tenant's limits; null: the default of the installation. */
export interface TenantRow {
  readonly name: string;
  /** Share of an agent beside other tenants that wait with the same priority. */
  readonly weight: number;
  /** Maximum number of waiting tasks. */
  readonly maxWaiting: number | null;
  /** Maximum number of tasks submitted per day (UTC). */
  readonly maxDaily: number | null;
  /** Days for which ended tasks are kept. */
  readonly retentionDays: number | null;
  /** Bytes of datasets, uploads and large artifacts. */
  readonly maxContentBytes: number | null;
}

/** A change of limits: undefined leaves one as it is, null resets it to the default. */
export interface TenantLimits {
  readonly weight: number | undefined;
  readonly maxWaiting: number | null | undefined;
  readonly maxDaily: number | null | undefined;
  readonly retentionDays: number | null | undefined;
  readonly maxContentBytes: number | null | undefined;
}

/** All tenants but that of Pulser's own tasks. Needs the service role, except for `nameOf`. */
@Injectable()
export class Tenants {
  constructor(private readonly database: Database) {}

  /** Id of the tenant of this name, which is created when there is none. */
  async ensure(name: string): Promise<string> {
    const [row] = await this.database.query<{ tenantId: string }>(ensure, [name, systemTenantId]);
    if (row === undefined) throw new Error(`The tenant "${name}" is that of Pulser's own tasks`);
    return row.tenantId;
  }

  /** Id of the tenant of this name. @returns undefined when there is none */
  async find(name: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ tenantId: string }>(find, [name, systemTenantId]);
    return row?.tenantId;
  }

  /** @returns undefined when there is no such tenant */
  async nameOf(tenantId: string): Promise<string | undefined> {
    const [row] = await this.database.queryAs<{ name: string }>(tenantId, nameOf, [tenantId]);
    return row?.name;
  }

  list(): Promise<TenantRow[]> {
    return this.database.query<TenantRow>(list, [systemTenantId]);
  }

  /** @returns undefined when there is no such tenant */
  async set(name: string, limits: TenantLimits): Promise<TenantRow | undefined> {
    const { weight, maxWaiting, retentionDays, maxDaily, maxContentBytes } = limits;
    const [row] = await this.database.query<TenantRow>(set, [
      name,
      weight ?? null,
      maxWaiting !== undefined,
      maxWaiting ?? null,
      retentionDays !== undefined,
      retentionDays ?? null,
      maxDaily !== undefined,
      maxDaily ?? null,
      maxContentBytes !== undefined,
      maxContentBytes ?? null,
      systemTenantId,
    ]);
    return row;
  }
}
