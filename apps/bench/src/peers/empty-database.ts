import { randomBytes } from 'node:crypto';

import type { Database, Statement } from '@pulser/database';
import { administer, openAsAdministrator } from '@pulser/harness';

import type { PeerRun } from './peer-run.js';

/** A database for one run of a peer. */
export class EmptyDatabase {
  private constructor(
    readonly url: string,
    private readonly database: Database,
  ) {}

  static async make(run: PeerRun): Promise<EmptyDatabase> {
    const serverUrl = run.machine.databaseUrl;
    const name = `bench_${randomBytes(4).toString('hex')}`;
    await administer(serverUrl, [`create database ${name}`]);
    run.atEnd(() => administer(serverUrl, [`drop database ${name} with (force)`]));
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const database = await openAsAdministrator(url.href, 1, 'bench-peer');
    run.atEnd(() => database.close());
    return new EmptyDatabase(url.href, database);
  }

  /** @param statement gives one row with the column `count` */
  async count(statement: Statement): Promise<number> {
    const [row] = await this.database.query<{ count: string }>(statement);
    if (row === undefined) throw new Error(`${statement.name} gave no row`);
    return Number(row.count);
  }
}
