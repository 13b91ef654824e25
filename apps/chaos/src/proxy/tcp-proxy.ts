import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

import { type Direction, type Endpoint, Line } from './line.js';

/** Stands between a client and its server, and does to their connections what networks do. */
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

  /** The URL with this proxy in place of its server. */
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

  /** A black hole, for the connections there are and those to come, until {@link release}. */
  hold(directions: readonly Direction[]): void {
    this.heldDirections = directions;
    for (const line of this.lines) line.hold(directions);
  }

  release(): void {
    this.heldDirections = [];
    for (const line of this.lines) line.release();
  }

  /** Every chunk of bytes takes this much longer, in milliseconds; 0 is no delay. */
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
