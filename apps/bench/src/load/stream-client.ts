// A scripted client of the stream of a tenant's changes, as a page that is open.
import { type ClientRequest, request } from 'node:http';

import { z } from 'zod';

const Changes = z.object({ changes: z.array(z.unknown()), left_out: z.record(z.string(), z.number()) });

/** Counts what it is sent. */
export class StreamClient {
  private bytes = 0;
  private changes = 0;
  private rest = '';

  private constructor(
    private readonly connection: ClientRequest,
    private readonly reads: boolean,
  ) {}

  /**
   * Resolves when the stream is open.
   * @param url of the gateway
   * @param reads whether changes are counted, which costs this process CPU time; bytes are counted always
   * @throws Error when it is refused
   */
  static async open(url: string, key: string, reads: boolean): Promise<StreamClient> {
    const opened = Promise.withResolvers<undefined>();
    const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
    const connection = request(`${url}/api/v1/events`, { headers, agent: false });
    const client = new StreamClient(connection, reads);
    connection.once('error', opened.reject);
    connection.once('response', (answer) => {
      if (answer.statusCode !== 200) opened.reject(new Error(`the stream was answered with ${answer.statusCode}`));
      answer.on('data', (part: Buffer) => {
        client.take(part);
      });
      // It ends with the gateway, or with `close`.
      answer.on('error', () => undefined);
      opened.resolve(undefined);
    });
    connection.end();
    await opened.promise;
    // From here on its end is no failure.
    connection.on('error', () => undefined);
    return client;
  }

  /** Changes of state so far, with those that the stream left out. */
  get seen(): number {
    return this.changes;
  }

  get received(): number {
    return this.bytes;
  }

  close(): void {
    this.connection.destroy();
  }

  private take(part: Buffer): void {
    this.bytes += part.length;
    if (!this.reads) return;
    const lines = (this.rest + part.toString()).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data:')) this.count(line.slice('data:'.length));
  }

  private count(data: string): void {
    const found = Changes.safeParse(JSON.parse(data));
    if (!found.success) return;
    const { changes, left_out: leftOut } = found.data;
    this.changes += changes.length + Object.values(leftOut).reduce((sum, count) => sum + count, 0);
  }
}
