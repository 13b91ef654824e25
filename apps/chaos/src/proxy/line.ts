import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** `up` is what the client sends, `down` what the server answers. */
export type Direction = 'up' | 'down';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** One client's connection and the one made for it to the server. */
export class Line {
  private readonly server: Socket;
  private readonly held = new Set<Direction>();
  /** Chunks leave in the order in which they came, whatever the latency. */
  private readonly tails = new Map<Direction, Promise<void>>();

  constructor(
    private readonly client: Socket,
    to: Endpoint,
    private readonly latencyMs: () => number,
    onEnd: (line: Line) => void,
  ) {
    this.server = connect({ ...to, noDelay: true });
    client.setNoDelay(true);
    this.pass(client, this.server, 'up');
    this.pass(this.server, client, 'down');
    client.once('close', () => {
      onEnd(this);
    });
  }

  /** Both ends see a reset: no goodbye, data under way is lost. */
  reset(): void {
    for (const socket of [this.client, this.server]) socket.resetAndDestroy();
  }

  /** Nothing arrives any more in these directions, and nobody is told. */
  hold(directions: readonly Direction[]): void {
    for (const direction of directions) {
      this.held.add(direction);
      this.source(direction).pause();
    }
  }

  /** What was held arrives after all, as after a lost cable. */
  release(): void {
    const held = [...this.held];
    this.held.clear();
    for (const direction of held) {
      const source = this.source(direction);
      // It ended meanwhile, and nobody was told.
      if (source.destroyed) this.reset();
      else source.resume();
    }
  }

  /** The server's side ends at once; the client learns of it `afterMs` later. */
  async closeSlowly(afterMs: number): Promise<void> {
    this.hold(['up', 'down']);
    this.server.destroy();
    await wait(afterMs);
    this.client.destroy();
  }

  private source(direction: Direction): Socket {
    return direction === 'up' ? this.client : this.server;
  }

  private pass(from: Socket, to: Socket, direction: Direction): void {
    from.on('data', (bytes) => {
      this.forward(to, bytes, direction);
    });
    from.on('error', () => undefined);
    from.once('end', () => {
      this.afterAll(direction, () => to.end());
    });
    from.once('close', () => {
      if (!this.held.has(direction))
        this.afterAll(direction, () => {
          to.destroySoon();
        });
    });
  }

  /** What was delayed goes first. */
  private afterAll(direction: Direction, work: () => unknown): void {
    void this.tail(direction).then(work);
  }

  private forward(to: Socket, bytes: Buffer, direction: Direction): void {
    const delay = this.latencyMs();
    if (delay === 0 && !this.tails.has(direction)) {
      to.write(bytes);
      return;
    }
    const tail = Promise.all([this.tail(direction), wait(delay)]).then(() => {
      if (to.writable) to.write(bytes);
      if (this.tails.get(direction) === tail) this.tails.delete(direction);
    });
    this.tails.set(direction, tail);
  }

  private tail(direction: Direction): Promise<void> {
    return this.tails.get(direction) ?? Promise.resolve();
  }
}
