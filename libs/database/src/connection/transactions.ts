// Statements and the transactions they run in: one statement in one round trip, or several bound to one tenant.
import type pg from 'pg';
import type { EntityManager } from 'typeorm';

import { pipelined, type Step } from './pipelined-query.js';

/** A statement with a name, so that a connection parses and plans it once. The name must be unique in the process. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /**
   * Whether one plan serves all values. Without it PostgreSQL makes a new plan where the values at hand promise a cheaper
   * one; over partitions that costs more than it saves.
   */
  readonly genericPlan?: boolean;
}

export const statement = (name: string, text: string, options: Pick<Statement, 'genericPlan'> = {}): Statement => ({
  name,
  text,
  ...options,
});

/** A statement with its values. */
export interface Call {
  readonly wanted: Statement;
  readonly values?: readonly unknown[];
}

/** A connection between its checkout from the pool and its release. */
export class Session {
  constructor(
    private readonly client: pg.ClientBase,
    /** Whether statements are prepared under their names. */
    private readonly prepare: boolean,
  ) {}

  /**
   * One round trip.
   * @param leading takes effect before it; when one of them fails, none has any effect
   * @returns the rows of `call`
   */
  query<Row extends object>(call: Call, leading: readonly Call[] = []): Promise<Row[]> {
    return pipelined(
      this.client,
      leading.map((one) => this.step(one)),
      this.step(call),
    );
  }

  async command(text: 'begin' | 'commit' | 'rollback'): Promise<void> {
    await this.client.query(text);
  }

  private step({ wanted: { name, text }, values = [] }: Call): Step {
    return { ...(this.prepare && { name }), text, values };
  }
}

// The role is set too: where the session's own role may see every tenant, this transaction may not.
const bindTenant = statement(
  'transaction.bind',
  `select set_config('role', 'pulser_app', true), set_config('app.tenant_id', $1, true)`,
);

const forceGenericPlan = statement(
  'transaction.generic-plan',
  `select set_config('plan_cache_mode', 'force_generic_plan', true)`,
);

/** A transaction of one statement. @param tenantId undefined when it is not bound to a tenant @returns the rows */
export const single = <Row extends object>(session: Session, call: Call, tenantId?: string): Promise<Row[]> =>
  session.query<Row>(call, [
    ...(tenantId === undefined ? [] : [{ wanted: bindTenant, values: [tenantId] }]),
    ...(call.wanted.genericPlan === true ? [{ wanted: forceGenericPlan }] : []),
  ]);

/** A transaction of several statements, bound to a tenant. */
export const transaction = async <T>(session: Session, tenantId: string, work: () => Promise<T>): Promise<T> => {
  try {
    // `begin` and the binding travel with the first statement of the work. When one of them fails, so does all that
    // follows: PostgreSQL refuses every statement of a failed transaction.
    const opened = [session.command('begin'), session.query({ wanted: bindTenant, values: [tenantId] })];
    const [result] = await Promise.all([work(), ...opened]);
    await session.command('commit');
    return result;
  } catch (error) {
    // On a broken connection the rollback fails too; the first error is the one to throw.
    await session.command('rollback').catch(() => undefined);
    throw error;
  }
};

/** What may be done in a transaction bound to one tenant. */
export class TenantTransaction {
  constructor(
    /** For TypeORM reads inside this transaction. */
    readonly manager: EntityManager,
    private readonly session: Session,
  ) {}

  /** @returns the rows */
  query<Row extends object>(wanted: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.session.query({ wanted, values });
  }
}
