import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface SiteOptions {
  readonly host?: string;
  /** A free one when not given. */
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A server of this test that counts who connects. */
export class Site {
  connections = 0;
  /** Connections that are open. */
  open = 0;

  private constructor(
    private readonly server: Server,
    private readonly scheme: string,
  ) {
    server.on('connection', (socket) => {
      this.connections += 1;
      this.open += 1;
      socket.on('error', () => undefined).on('close', () => (this.open -= 1));
    });
  }

  static async start(answer: RequestListener, { host = '127.0.0.2', port = 0, tls }: SiteOptions = {}): Promise<Site> {
    const server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
    const site = new Site(server, tls === undefined ? 'http' : 'https');
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    return site;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The site under a name or address. */
  at(host: string, path = '/'): string {
    return `${this.scheme}://${host}:${this.port}${path}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
