import type pg from 'pg';

import { pipelined, type Step } from './pipelined-query.js';
import type { Statement } from './statement.js';

/** A statement with its values. */
export interface Call {
  readonly wanted: Statement;
  readonly values?: readonly unknown[];
}

/** A connection, while it is ours. */
export class Session {
  constructor(
    private readonly client: pg.ClientBase,
    /** Whether statements are prepared under their names. */
    private readonly prepare: boolean,
  ) {}

  /** In one round trip. @param leading takes effect before it, or not at all when one of them fails */
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
