// Statements and the transactions they run in: several statements in one round trip over node-postgres (the extended query
// protocol with one Sync at the end), and above that one statement alone or several bound to one tenant.
import { createHash } from 'node:crypto';

import pg from 'pg';
import type { EntityManager } from 'typeorm';

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

// PostgreSQL cuts longer names off, so that two of them could be one.
const maxNameLength = 63;

const shortName = (name: string): string =>
  name.length <= maxNameLength
    ? name
    : `${name.slice(0, 30)}~${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;

export const statement = (name: string, text: string, options: Pick<Statement, 'genericPlan'> = {}): Statement => ({
  name: shortName(name),
  text,
  ...options,
});

/** A statement with its values. */
export interface Call {
  readonly wanted: Statement;
  readonly values?: readonly unknown[];
}

/** A statement with its values; prepared once per connection when it has a name. */
interface Step {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

type NamedStep = Step & { readonly name: string };

const hasName = (step: Step): step is NamedStep => step.name !== undefined;

/** What node-postgres knows to be prepared, by name; missing in its types. */
interface Prepared {
  readonly parsedStatements: Record<string, string | undefined>;
  readonly submittedNamedStatements: Record<string, string | undefined>;
}

const preparedOn = (connection: pg.Connection): Prepared => connection as unknown as Prepared;

const withoutSync = (connection: pg.Connection): pg.Connection =>
  Object.create(connection, { sync: { value: () => undefined } }) as pg.Connection;

// Missing in the types of node-postgres. Without it a statement without name and values becomes a simple query: a
// transaction of its own.
interface ExtendedQuery extends pg.QueryConfig {
  readonly queryMode: 'extended';
}

const queryOf = ({ name, text, values }: Step): ExtendedQuery => ({
  ...(name !== undefined && { name }),
  text,
  values: [...values],
  queryMode: 'extended',
});

/**
 * Statements that are sent together and answered together. Only the last is followed by a Sync, which makes them one
 * transaction without `begin` and `commit`: the answer to each of those would wake this process up once more.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
class PipelinedQuery extends pg.Query {
  private readonly named: readonly NamedStep[];
  private readonly leading: readonly pg.Query[];
  private connection?: pg.Connection;

  constructor(leading: readonly Step[], last: Step, done: (error: Error | undefined, rows: object[]) => void) {
    super(queryOf(last), (error, results: pg.QueryResult<object> | pg.QueryResult<object>[] | undefined) => {
      if (error) this.forget();
      done(error, [results].flat().at(-1)?.rows ?? []);
    });
    this.leading = leading.map((step) => new pg.Query(queryOf(step)));
    this.named = [...leading, last].filter(hasName);
  }

  /** @returns the reason when nothing was sent */
  override submit = (connection: pg.Connection): Error | undefined => {
    this.connection = connection;
    const { parsedStatements, submittedNamedStatements } = preparedOn(connection);
    const known = (name: string): string | undefined => parsedStatements[name] ?? submittedNamedStatements[name];
    const clash = this.named.find(({ name, text }) => (known(name) ?? text) !== text);
    if (clash !== undefined) return new Error(`Two statements have the name "${clash.name}"`);
    for (const { name } of this.named) {
      // After an earlier failure, and behind a pooler that shares sessions, the server may know the name already: closing
      // a statement that does not exist is no error.
      if (known(name) === undefined) connection.close({ type: 'S', name }, true);
    }
    for (const query of this.leading) query.submit(withoutSync(connection));
    pg.Query.prototype.submit.call(this, connection);
    return undefined;
  };

  private forget(): void {
    if (this.connection === undefined) return;
    const { parsedStatements, submittedNamedStatements } = preparedOn(this.connection);
    for (const { name } of this.named) {
      Reflect.deleteProperty(parsedStatements, name);
      Reflect.deleteProperty(submittedNamedStatements, name);
    }
  }
}

/**
 * Runs statements in one round trip. When one fails, none has any effect, unless a transaction is open already.
 * @returns the rows of the last one
 */
const pipelined = <Row extends object>(client: pg.ClientBase, leading: readonly Step[], last: Step): Promise<Row[]> =>
  new Promise((resolve, reject) => {
    client.query(
      new PipelinedQuery(leading, last, (error, rows) => {
        if (error) reject(error);
        else resolve(rows as Row[]);
      }),
    );
  });

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

interface SingleOptions {
  /** Undefined: it is not bound to a tenant. */
  readonly tenantId?: string;
  /** What is done before it in its transaction. */
  readonly after?: readonly Call[];
}

/** A transaction of one statement, in one round trip. @returns the rows */
export const single = <Row extends object>(
  session: Session,
  call: Call,
  { tenantId, after = [] }: SingleOptions = {},
): Promise<Row[]> =>
  session.query<Row>(call, [
    ...(tenantId === undefined ? [] : [{ wanted: bindTenant, values: [tenantId] }]),
    ...(call.wanted.genericPlan === true ? [{ wanted: forceGenericPlan }] : []),
    ...after,
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
