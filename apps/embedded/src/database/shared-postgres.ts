import { PGlite } from '@electric-sql/pglite';

const kind = (letter: string): number => letter.charCodeAt(0);

// Query and Sync are answered with ReadyForQuery, Terminate with nothing; a startup packet begins with its length.
const closing = new Set([kind('Q'), kind('S'), kind('X'), 0]);

const sync = Uint8Array.of(kind('S'), 0, 0, 0, 4);

/**
 * PGlite for several clients of its socket server, which hands over message by message and asks `isInTransaction()`
 * whether the next one must come from the same client. A client's batch (Parse, Bind, Describe, Execute, Sync) has to
 * count as such: otherwise the unnamed statement of one client gets the values of another as soon as a large batch
 * arrives in pieces. https://github.com/electric-sql/pglite/issues/1046
 */
export class SharedPostgres extends PGlite {
  private batchIsOpen = false;

  override isInTransaction(): boolean {
    return this.batchIsOpen || super.isInTransaction();
  }

  override async execProtocolRawStream(...args: Parameters<PGlite['execProtocolRawStream']>): Promise<void> {
    await super.execProtocolRawStream(...args);
    const [message] = args;
    this.batchIsOpen = !closing.has(message[0] ?? 0);
  }

  /** The socket server rolls back by this when a client vanishes: after a batch without its end PostgreSQL is deaf. */
  override async exec(...args: Parameters<PGlite['exec']>): ReturnType<PGlite['exec']> {
    if (this.batchIsOpen) await this.execProtocolRawStream(sync, { onRawData: () => undefined });
    return super.exec(...args);
  }
}
