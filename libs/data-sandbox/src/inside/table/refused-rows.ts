// The rows that are refused, all of them, in a file.
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

import { type Refused, shortened } from '@pulser/tabular';

/** Written as NDJSON of `{ source, line, reason }`, in the order in which they come. */
export class RefusedRows {
  private readonly stream: WriteStream;

  constructor(path: string) {
    this.stream = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  }

  async add(source: string, refused: Iterable<Refused>): Promise<void> {
    for (const { line, reason } of refused) {
      const row = `${JSON.stringify({ source, line, reason: shortened(reason, 300) })}\n`;
      if (!this.stream.write(row)) await once(this.stream, 'drain');
    }
  }

  /** @throws what went wrong with the file */
  async close(): Promise<void> {
    this.stream.end();
    await finished(this.stream);
  }
}
