// Several statements in one round trip over node-postgres: the extended query protocol with one Sync at the end.
import pg from 'pg';

/** A statement with its values; prepared once per connection when it has a name. */
export interface Step {
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
export const pipelined = <Row extends object>(
  client: pg.ClientBase,
  leading: readonly Step[],
  last: Step,
): Promise<Row[]> =>
  new Promise((resolve, reject) => {
    client.query(
      new PipelinedQuery(leading, last, (error, rows) => {
        if (error) reject(error);
        else resolve(rows as Row[]);
      }),
    );
  });
