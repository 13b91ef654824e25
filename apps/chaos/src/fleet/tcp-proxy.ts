// A TCP proxy between a process and a server, which does to their connections what networks do.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** `up` is what the client sends, `down` what the server answers. */
export type Direction = 'up' | 'down';

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A client's connection and its counterpart to the server. */
class Line {
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

  /** Both ends see a reset; data in transit is lost. */
  reset(): void {
    for (const socket of [this.client, this.server]) socket.resetAndDestroy();
  }

  /** Nothing arrives any more in these directions, and neither end sees an error. */
  hold(directions: readonly Direction[]): void {
    for (const direction of directions) {
      this.held.add(direction);
      this.source(direction).pause();
    }
  }

  /** Held data arrives after all, as when a cable is plugged in again. */
  release(): void {
    const held = [...this.held];
    this.held.clear();
    for (const direction of held) {
      const source = this.source(direction);
      // The source ended meanwhile, unnoticed by the other end.
      if (source.destroyed) this.reset();
      else source.resume();
    }
  }

  /** Closes the server's side at once and the client's `afterMs` later. */
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

  /** Runs `work` once all delayed chunks were written. */
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

/** Listens in place of a server. */
export class TcpProxy {
  private readonly lines = new Set<Line>();
  private readonly server: Server;
  private latency = 0;
  private heldDirections: readonly Direction[] = [];

  private constructor(private readonly to: Endpoint) {
    this.server = createServer((client) => {
      this.join(
        new Line(
          client,
          this.to,
          () => this.latency,
          (line) => this.lines.delete(line),
        ),
      );
    });
  }

  static async to(endpoint: Endpoint): Promise<TcpProxy> {
    const proxy = new TcpProxy(endpoint);
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.lines.size;
  }

  /** The URL with the proxy's host and port. */
  instead(url: string): string {
    const through = new URL(url);
    through.host = `127.0.0.1:${this.port}`;
    return through.href;
  }

  /** @returns how many connections were reset */
  reset(): number {
    const lines = [...this.lines];
    for (const line of lines) line.reset();
    return lines.length;
  }

  /** A black hole for present and new connections, until {@link release}. */
  hold(directions: readonly Direction[]): void {
    this.heldDirections = directions;
    for (const line of this.lines) line.hold(directions);
  }

  release(): void {
    this.heldDirections = [];
    for (const line of this.lines) line.release();
  }

  /** Delays every chunk of bytes, in milliseconds; 0 ends it. */
  delay(latencyMs: number): void {
    this.latency = latencyMs;
  }

  async closeSlowly(afterMs: number): Promise<void> {
    await Promise.all([...this.lines].map((line) => line.closeSlowly(afterMs)));
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.reset();
    await closed;
  }

  private join(line: Line): void {
    this.lines.add(line);
    if (this.heldDirections.length > 0) line.hold(this.heldDirections);
  }
}
