import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type Json, nowS, token } from './forged-token.js';
import { SigningKey } from './signing-key.js';

/** An identity provider that listens on this machine and publishes its keys. */
export class IdentityProvider {
  /** How often its keys were asked for. */
  fetches = 0;
  /** What it answers instead of its keys. */
  failure: { readonly status: number; readonly body: string } | undefined;
  keys = [new SigningKey()];

  private constructor(private readonly server: Server) {
    server.on('request', ({ url }, response) => {
      const known = url === '/auth/v1/.well-known/jwks.json';
      if (known) this.fetches += 1;
      const { status, body } = this.failure ?? { status: known ? 200 : 404, body: this.jwks };
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(body);
    });
  }

  static async start(): Promise<IdentityProvider> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new IdentityProvider(server);
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/auth/v1`;
  }

  get environment(): Readonly<Record<string, string>> {
    return { JWT_ISSUER: this.issuer, JWT_AUDIENCE: 'authenticated', JWT_JWKS_COOLDOWN_S: '3600' };
  }

  get key(): SigningKey {
    const key = this.keys.at(-1);
    if (key === undefined) throw new Error('The provider has no key');
    return key;
  }

  /** What it says of a person of the tenant; undefined takes a claim away. */
  claims(tenantId: string, more: Json = {}): Json {
    return {
      iss: this.issuer,
      aud: 'authenticated',
      sub: 'ada',
      iat: nowS(),
      exp: nowS() + 600,
      role: 'authenticated',
      app_metadata: { provider: 'email', tenant_id: tenantId, role: 'operator' },
      ...more,
    };
  }

  /** A token as the provider makes them. */
  token(tenantId: string, more: Json = {}, header: Json = {}): string {
    const { alg, kid, signature } = this.key;
    return token({ alg, typ: 'JWT', kid, ...header }, this.claims(tenantId, more), signature);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private get jwks(): string {
    return JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) });
  }
}
