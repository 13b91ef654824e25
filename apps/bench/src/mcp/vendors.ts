// A vendor of everything that knows nothing: each request gets 404, at once. With it, calls of Pulser's own servers go all the
// way, through their clients and over HTTP.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class EmptyVendor {
  private requests = 0;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      this.requests += 1;
      request.resume();
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"message":"there is none","code":404,"kind":"Status","status":"Failure","reason":"NotFound"}');
    });
  }

  static async start(): Promise<EmptyVendor> {
    const vendor = new EmptyVendor();
    await once(vendor.server.listen(0, '127.0.0.1'), 'listening');
    return vendor;
  }

  get asked(): number {
    return this.requests;
  }

  /** What the operator sets for all tenants, so that every server of the catalogue asks here. @param databaseUrl with the login of tools */
  variables(databaseUrl: string): Record<string, string> {
    const { port } = this.server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    return {
      MCP_ALL_DIGITALOCEAN_TOKEN: 'token-of-the-bench',
      MCP_ALL_DIGITALOCEAN_API_URL: url,
      MCP_ALL_GITHUB_TOKEN: 'token-of-the-bench',
      MCP_ALL_GITHUB_API_URL: url,
      MCP_ALL_KUBERNETES_URL: url,
      MCP_ALL_KUBERNETES_TOKEN: 'token-of-the-bench',
      MCP_ALL_DOCKER_HOST: `tcp://127.0.0.1:${port}`,
      MCP_ALL_ODOO_URL: url,
      MCP_ALL_ODOO_DATABASE: 'bench',
      MCP_ALL_ODOO_API_KEY: 'token-of-the-bench',
      MCP_ALL_SUPERSET_URL: url,
      MCP_ALL_SUPERSET_USERNAME: 'bench',
      MCP_ALL_SUPERSET_PASSWORD: 'password-of-the-bench',
      MCP_ALL_SUPABASE_DB_URL: databaseUrl,
    };
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
