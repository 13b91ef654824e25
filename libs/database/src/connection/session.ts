import type pg from 'pg';

import type { Statement } from './statement.js';

/** A connection, while it is ours. */
export class Session {
  constructor(
    private readonly client: pg.ClientBase,
    /** Whether statements are prepared under their names. */
    private readonly prepare: boolean,
  ) {}

  async query<Row extends object>({ name, text }: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    const config = { ...(this.prepare && { name }), text, values: [...values] };
    const result = await this.client.query<Row & pg.QueryResultRow>(config);
    return result.rows;
  }

  /** A statement without values, which is not worth a name. */
  async command(text: 'begin' | 'commit' | 'rollback'): Promise<void> {
    await this.client.query(text);
  }
}
