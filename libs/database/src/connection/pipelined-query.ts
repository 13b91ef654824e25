import pg from 'pg';

/** A statement with its values; prepared once a connection when it has a name. */
export interface Step {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What node-postgres knows to be prepared, by name. Its types do not tell of it. */
interface Prepared {
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements: Record<string, string>;
}

const preparedOn = (connection: pg.Connection): Prepared => connection as unknown as Prepared;

const withoutSync = (connection: pg.Connection): pg.Connection =>
  Object.create(connection, { sync: { value: () => undefined } }) as pg.Connection;

const queryOf = ({ name, text, values }: Step): pg.QueryConfig => ({
  ...(name !== undefined && { name }),
  text,
  values: [...values],
});

/**
 * Statements that travel together and are answered together. Only the last is followed by a Sync, which makes them one
 * transaction, without a `begin` and a `commit`, whose answers would wake this process up one by one.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
class PipelinedQuery extends pg.Query {
  private readonly names: readonly string[];
  private readonly leading: readonly pg.Query[];
  private connection?: pg.Connection;

  constructor(leading: readonly Step[], last: Step, done: (error: Error | undefined, rows: object[]) => void) {
    super(queryOf(last), (error, results) => {
      if (error) this.forget();
      done(error, [results].flat().at(-1)?.rows ?? []);
    });
    this.leading = leading.map((step) => new pg.Query(queryOf(step)));
    this.names = [...leading, last].flatMap(({ name }) => (name === undefined ? [] : [name]));
  }

  override submit = (connection: pg.Connection): void => {
    this.connection = connection;
    const { parsedStatements, submittedNamedStatements } = preparedOn(connection);
    for (const name of this.names) {
      // Where an earlier one failed, nobody knows whether the name is taken.
      if (!(name in parsedStatements || name in submittedNamedStatements)) connection.close({ type: 'S', name }, true);
    }
    for (const query of this.leading) query.submit(withoutSync(connection));
    pg.Query.prototype.submit.call(this, connection);
  };

  private forget(): void {
    if (this.connection === undefined) return;
    const { parsedStatements, submittedNamedStatements } = preparedOn(this.connection);
    for (const name of this.names) {
      Reflect.deleteProperty(parsedStatements, name);
      Reflect.deleteProperty(submittedNamedStatements, name);
    }
  }
}

/** @returns the rows of the last one; when one fails, none has any effect, outside of an open transaction */
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
