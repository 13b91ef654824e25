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

// The client's first frame after the handshake holds its properties, as a table of AMQP 0-9-1: the name, `S`, its length.
const nameKey = Buffer.from('connection_name');

/** The name that an AMQP client gives its connection; undefined while its bytes have none. */
export const connectionNameIn = (bytes: Buffer): string | undefined => {
  const at = bytes.indexOf(nameKey);
  const start = at + nameKey.length + 5;
  if (at === -1 || bytes.length < start) return undefined;
  const end = start + bytes.readUInt32BE(start - 4);
  return bytes.length < end ? undefined : bytes.toString('utf8', start, end);
};

/** A name comes within so many bytes of a client, or never. */
const maxHeadBytes = 4_096;

/** A client's connection and its counterpart to the server. */
class Line {
  private head: Buffer | undefined = Buffer.alloc(0);
  /** As the client has named it. */
  name: string | undefined;
  private isDeaf = false;
  private readonly server: Socket;
  private readonly held = new Set<Direction>();
  /** Chunks leave in the order in which they came, whatever the latency. */
  private readonly tails = new Map<Direction, Promise<void>>();

  constructor(
    private readonly client: Socket,
    to: Endpoint,
    private readonly latencyMs: () => number,
    onEnd: (line: Line) => void,
    private readonly onNamed: (line: Line) => void,
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

  /** The server sees the end of the connection, the client sees nothing at all. */
  deafen(): void {
    this.isDeaf = true;
    this.hold(['up', 'down']);
    this.server.destroy();
  }

  /** A client that was deafened sees the end of its connection at last. */
  hear(): void {
    if (this.isDeaf) this.client.resetAndDestroy();
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
      if (direction === 'up') this.look(bytes);
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

  private look(bytes: Buffer): void {
    if (this.head === undefined) return;
    this.head = Buffer.concat([this.head, bytes]);
    this.name = connectionNameIn(this.head);
    if (this.name !== undefined || this.head.length > maxHeadBytes) this.head = undefined;
    if (this.name !== undefined) this.onNamed(this);
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
  private isDeafened: ((name: string) => boolean) | undefined;

  private constructor(private readonly to: Endpoint) {
    this.server = createServer((client) => {
      this.join(
        new Line(
          client,
          this.to,
          () => this.latency,
          (line) => this.lines.delete(line),
          (line) => {
            if (this.isDeafened?.(line.name ?? '') === true) line.deafen();
          },
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

  /**
   * The AMQP connections with these names are lost, present and new ones, until {@link hear}: the broker knows, their client
   * does not. The others work on.
   */
  deafen(names: (name: string) => boolean): void {
    this.isDeafened = names;
    for (const line of this.lines) if (names(line.name ?? '')) line.deafen();
  }

  /** Clients learn that their connections were lost, and new ones work. */
  hear(): void {
    this.isDeafened = undefined;
    for (const line of this.lines) line.hear();
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
