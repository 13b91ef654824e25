import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { protocol } from '@electric-sql/pglite';
import { eventually } from '@pulser/testing';

const { serialize } = protocol;

/** A client that speaks PostgreSQL's protocol message by message, and goes away when it likes. */
export class RawClient {
  private answers = '';

  private constructor(private readonly socket: Socket) {
    socket.on('data', (data) => (this.answers += data.toString('latin1')));
  }

  static async connect(url: string): Promise<RawClient> {
    const socket = connect(`${new URL(url).searchParams.get('host') ?? ''}/.s.PGSQL.5432`);
    await once(socket, 'connect');
    const client = new RawClient(socket);
    await client.send(serialize.startup({ user: 'anybody', database: 'postgres' }));
    return client;
  }

  parse(text: string): Promise<void> {
    return this.send(serialize.parse({ text }));
  }

  query(text: string): Promise<void> {
    return this.send(serialize.query(text));
  }

  /** Resolves when the server has said this. */
  async answered(text: string): Promise<void> {
    await eventually(() => {
      expect(this.answers).toContain(text);
    });
  }

  async vanish(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }

  private send(message: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.socket.write(message, () => {
        resolve();
      });
    });
  }
}
