import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { type Json, nowS, token } from './forged-token.js';
import { SigningKey } from './signing-key.js';

const clientSecret = 'canary-client-secret';

/** What a code stands for. */
interface Consent {
  readonly redirectUri: string;
  readonly nonce: string;
  readonly challenge: string;
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly location?: string;
}

const json = (status: number, body: Json): Reply => ({ status, body: JSON.stringify(body) });

/** An identity provider that listens on this machine, publishes its keys, and logs its one user in. */
export class IdentityProvider {
  /** How often its keys were asked for. */
  fetches = 0;
  /** What it answers instead of its keys. */
  failure: { readonly status: number; readonly body: string } | undefined;
  keys = [new SigningKey()];

  /** Codes that were given out and not exchanged yet. */
  private readonly codes = new Map<string, Consent>();
  /** What the tokens of the next login say beyond what they must. */
  login: { readonly id: Json; readonly access: Json } = { id: {}, access: {} };
  /** Requests of the client, as it authenticated. */
  readonly clients: string[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void this.answer(request).then(({ status, body, location }) => {
        const headers = {
          'content-type': 'application/json',
          connection: 'close',
          ...(location !== undefined && { location }),
        };
        response.writeHead(status, headers).end(body);
      });
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

  /** The client that gateways log people in as. */
  get client(): Readonly<Record<string, string>> {
    return { ...this.environment, OIDC_CLIENT_ID: 'pulser-page', OIDC_CLIENT_SECRET: clientSecret };
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage): Promise<Reply> {
    const url = new URL(request.url ?? '', this.issuer);
    if (url.pathname === '/auth/v1/.well-known/jwks.json') {
      this.fetches += 1;
      return this.failure ?? { status: 200, body: this.jwks };
    }
    if (this.failure !== undefined) return this.failure;
    if (url.pathname === '/auth/v1/.well-known/openid-configuration') return json(200, this.description);
    if (url.pathname === '/auth/v1/authorize') return this.consent(url.searchParams);
    if (url.pathname === '/auth/v1/token') return this.exchange(new URLSearchParams(await text(request)), request);
    return json(404, {});
  }

  private get description(): Json {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/.well-known/jwks.json`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256', 'EdDSA'],
      code_challenge_methods_supported: ['S256'],
    };
  }

  /** Its user is logged in there, and agrees. */
  private consent(wanted: URLSearchParams): Reply {
    const code = randomUUID();
    const back = new URL(wanted.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', wanted.get('state') ?? '');
    this.codes.set(code, {
      redirectUri: wanted.get('redirect_uri') ?? '',
      nonce: wanted.get('nonce') ?? '',
      challenge: wanted.get('code_challenge') ?? '',
    });
    return { status: 302, body: '', location: back.href };
  }

  private exchange(wanted: URLSearchParams, { headers }: IncomingMessage): Reply {
    const [, basic = ''] = (headers.authorization ?? '').split(' ');
    // RFC 6749, 2.3.1: both are encoded as in a form.
    this.clients.push(decodeURIComponent(Buffer.from(basic, 'base64').toString()));
    const consent = this.codes.get(wanted.get('code') ?? '');
    this.codes.delete(wanted.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(wanted.get('code_verifier') ?? '')
      .digest('base64url');
    const fits = consent?.redirectUri === wanted.get('redirect_uri') && consent.challenge === challenge;
    if (consent === undefined || !fits || this.clients.at(-1) !== `pulser-page:${clientSecret}`)
      return json(400, { error: 'invalid_grant' });
    const { nonce } = consent;
    return json(200, {
      token_type: 'Bearer',
      expires_in: 600,
      access_token: this.token('', { app_metadata: undefined, ...this.login.access }),
      id_token: this.token('', { aud: 'pulser-page', nonce, app_metadata: undefined, ...this.login.id }),
    });
  }

  private get jwks(): string {
    return JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) });
  }
}
