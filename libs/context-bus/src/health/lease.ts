// One of all health services leads: it holds a lease, a row with an epoch, and every statement by which it acts compares the
// epoch. A leader that was frozen, and wakes when another one has taken the lease, changes nothing.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

/**
 * SQL: a common table expression that has a row while the epoch is that of the leader and its lease lasts. It locks the row:
 * the lease cannot be taken before the statement has ended.
 * @param epoch the parameter, for instance `$1`
 */
export const leaderOf = (epoch: string): string =>
  `leader as materialized (select from health_leader where epoch = ${epoch}::bigint and until > now() for share)`;

const take = statement(
  'health-lease.take',
  `update health_leader set holder = $1, until = now() + $2 * interval '1 second',
     epoch = case when holder = $1 and until > now() then epoch else epoch + 1 end
   where holder = $1 or until <= now()
   returning epoch::float8`,
);

const release = statement(
  'health-lease.release',
  `update health_leader set until = now() where epoch = $1 and until > now()`,
);

const remembered = statement('health-lease.remembered', `select memory from health_leader where epoch = $1`);

const remember = statement(
  'health-lease.remember',
  `update health_leader set memory = $2 where epoch = $1 and until > now() returning epoch`,
);

/** The lease of the health services. Needs the service role. */
@Injectable()
export class HealthLease {
  constructor(private readonly database: Database) {}

  /**
   * Takes the lease when it is free or the holder's own, or renews it. Each new term has an epoch of its own.
   * @returns the epoch; undefined: another one leads
   */
  async take(holder: string, leaseS: number): Promise<number | undefined> {
    const [row] = await this.database.query<{ epoch: number }>(take, [holder, leaseS]);
    return row?.epoch;
  }

  /** Another one may lead at once. */
  async release(epoch: number): Promise<void> {
    await this.database.query(release, [epoch]);
  }

  /** What the leaders before noted, as JSON; undefined: the epoch is over. */
  async remembered(epoch: number): Promise<unknown> {
    const [row] = await this.database.query<{ memory: unknown }>(remembered, [epoch]);
    return row?.memory;
  }

  /** Notes what the next leader is to go on from. @returns false when the epoch is over: nothing is noted */
  async remember(epoch: number, memory: unknown): Promise<boolean> {
    return (await this.database.query(remember, [epoch, JSON.stringify(memory)])).length > 0;
  }
}
