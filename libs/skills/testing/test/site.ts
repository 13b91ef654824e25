import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of this test that counts who connects and what is asked. */
export class Site {
  connections = 0;
  readonly asked: string[] = [];

  private static readonly started = new Set<Site>();

  private constructor(private readonly server: Server) {
    Site.started.add(this);
    server.on('connection', (socket) => {
      this.connections += 1;
      socket.on('error', () => undefined);
    });
  }

  static async start(answer: RequestListener, { host = '127.0.0.1', port = 0 } = {}): Promise<Site> {
    const server = createServer();
    const site = new Site(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      site.asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    return site;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** All that a test has started and not closed. */
  static async closeAll(): Promise<void> {
    await Promise.all([...Site.started].map((site) => site.close()));
  }

  async close(): Promise<void> {
    Site.started.delete(this);
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Answers with JSON. */
export const json = (answer: ServerResponse, value: unknown, status = 200): void => {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};
