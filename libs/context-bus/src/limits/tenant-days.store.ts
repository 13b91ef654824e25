import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

// A day is one of the database's clock in UTC. Somewhat more than asked for is taken, so that the next submissions cost
// no statement: a thousandth of the quota, and no more than 500.
const take = statement(
  'limits.day.take',
  `with allowed as (
     select tenant_id, coalesce(max_daily, $2) as quota, greatest($1::int, least(500, coalesce(max_daily, $2) / 1000)) as wanted
     from tenant where tenant_id = (select pulser.tenant_id())
   ), taken as (
     insert into tenant_day as d (tenant_id, day, tasks, granted)
     select tenant_id, (now() at time zone 'UTC')::date, least(wanted, quota), least(wanted, quota) from allowed
     on conflict (tenant_id, day) do update set
       granted = greatest(0, (select least(wanted, quota - d.tasks) from allowed)),
       tasks = d.tasks + greatest(0, (select least(wanted, quota - d.tasks) from allowed))
     returning granted
   )
   select granted, extract(epoch from date_trunc('day', now(), 'UTC') + interval '1 day' - now())::float8 as "endsInS"
   from taken`,
);

export interface DayGrant {
  /** Tasks that may be submitted. */
  readonly granted: number;
  /** Seconds until the next day begins. */
  readonly endsInS: number;
}

/** How many tasks each tenant submits a day. All gateways share it. */
@Injectable()
export class TenantDays {
  constructor(private readonly database: Database) {}

  /**
   * Takes tasks of today's: as many as asked for, or more, or what is left of them.
   * @param usualQuota of tenants that have none of their own
   * @throws DatabaseUnavailable
   */
  async take(tenantId: string, tasks: number, usualQuota: number): Promise<DayGrant> {
    const [row] = await this.database.queryAs<DayGrant>(tenantId, take, [tasks, usualQuota]);
    if (row === undefined) throw new Error('There is no such tenant');
    return row;
  }
}
