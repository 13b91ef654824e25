import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

const ensure = statement(
  'tenants.ensure',
  `insert into tenant (name) values ($1)
   on conflict (name) do update set name = excluded.name returning tenant_id as "tenantId"`,
);

@Injectable()
export class Tenants {
  constructor(private readonly database: Database) {}

  /** The tenant of this name, made when there is none. Needs the service role. */
  async ensure(name: string): Promise<string> {
    const [row] = await this.database.query<{ tenantId: string }>(ensure, [name]);
    if (row === undefined) throw new Error('An upsert returned no row');
    return row.tenantId;
  }
}
