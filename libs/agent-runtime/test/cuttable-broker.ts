import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to the test broker that can be cut and mended. */
export class CuttableBroker {
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => {
    this.join(client);
  });

  private constructor(private readonly target: URL) {}

  static async start(): Promise<CuttableBroker> {
    const target = process.env['AMQP_URL'];
    if (target === undefined) throw new Error('AMQP_URL is not set: run the tests through `npm test`');
    const broker = new CuttableBroker(new URL(target));
    await broker.listen(0);
    return broker;
  }

  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /** Nothing gets through; who tries is refused. @returns what mends it */
  async cut(): Promise<() => Promise<void>> {
    const { port } = this;
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    return () => this.listen(port);
  }

  private get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  private async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  private join(client: Socket): void {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      const end = (): void => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      };
      socket.on('error', end).on('close', end);
    }
    client.pipe(upstream).pipe(client);
  }
}
