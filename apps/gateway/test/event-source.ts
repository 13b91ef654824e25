import type { Client } from './client.js';

export interface ServerSentEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

const parsed = (block: string): ServerSentEvent =>
  Object.fromEntries(
    block.split('\n').map((line) => {
      const at = line.indexOf(': ');
      return [at === 0 ? 'comment' : line.slice(0, at), line.slice(at + 2)];
    }),
  );

/** An open event stream, read as it comes. */
export class EventSource {
  readonly blocks: string[] = [];
  readonly ended: Promise<void>;

  private constructor(
    readonly response: Response,
    private readonly abort: AbortController,
  ) {
    this.ended = this.read();
  }

  static async open(client: Client, path: string, headers: Record<string, string> = {}): Promise<EventSource> {
    const abort = new AbortController();
    return new EventSource(await client.fetch(path, { headers, signal: abort.signal }), abort);
  }

  /** Without comments and the reconnection time. */
  get events(): ServerSentEvent[] {
    return this.blocks.map(parsed).filter(({ event }) => event !== undefined);
  }

  close(): void {
    this.abort.abort();
  }

  private async read(): Promise<void> {
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of (this.response.body ?? []) as AsyncIterable<Uint8Array>) {
        const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        this.blocks.push(...blocks);
      }
    } catch (error) {
      if (!this.abort.signal.aborted) throw error;
    }
  }
}
