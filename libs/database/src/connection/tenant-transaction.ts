import type { EntityManager } from 'typeorm';

import type { Session } from './session.js';
import type { Statement } from './statement.js';

/** What may be done in a transaction bound to one tenant. */
export class TenantTransaction {
  constructor(
    /** TypeORM reads inside this transaction. */
    readonly manager: EntityManager,
    private readonly session: Session,
  ) {}

  /** @returns the rows */
  query<Row extends object>(wanted: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.session.query({ wanted, values });
  }
}
