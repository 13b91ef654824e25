// The login at an OpenID provider: authorization code with PKCE (RFC 7636), state and nonce, by openid-client.
import { Injectable } from '@nestjs/common';
import { BriefCache } from '@pulser/concurrency';
import { HttpError, type LoginFailure } from '@pulser/contracts';
import { type Breaker, BreakerOpen, Breakers, Logger } from '@pulser/service-kit';
import * as oidc from 'openid-client';

import { type PersonOfLogin, Tokens } from '../access/tokens.service.js';
import { GatewayEnv } from '../gateway.env.js';
import { notFound } from '../rest/parameters.js';
import { type Attempt, isSafeUrl, LoginFailed, type OidcRules, oidcRules } from './oidc.policy.js';

/** The provider's description of itself is read again after this long, in milliseconds. */
const discoveryMs = 600_000;

const timeoutS = 5;

/** A login that has begun: where the browser goes, and what it must come back with. */
export interface BegunLogin {
  readonly url: string;
  readonly attempt: Attempt;
}

/** The login of people at the provider that JWT_ISSUER names. */
@Injectable()
export class OidcLogins {
  private readonly rules: OidcRules | undefined;
  private readonly providers = new BriefCache<oidc.Configuration>(discoveryMs);
  private readonly breaker: Breaker;

  /** @throws ConfigError */
  constructor(
    env: GatewayEnv,
    private readonly tokens: Tokens,
    private readonly logger: Logger,
    breakers: Breakers,
  ) {
    this.rules = oidcRules(env);
    this.breaker = breakers.of('identity_provider', { member: 'login', isFailure: isUnavailable });
  }

  /** Null when people do not log in so. */
  get startUrl(): string | null {
    return this.rules?.startUrl ?? null;
  }

  /** @throws HttpError `not_found`, `identity_provider_unavailable` */
  async begin(returnTo: string): Promise<BegunLogin> {
    const rules = this.required();
    const provider = await this.provider(rules);
    const attempt = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
      returnTo,
    };
    const url = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: rules.redirectUri,
      scope: rules.scopes,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, attempt };
  }

  /**
   * @param query as the provider sent the browser back with @param attempt what that browser began, if it did
   * @throws LoginFailed, or HttpError `forbidden`, `not_found`, `identity_provider_unavailable`
   */
  async end(query: string, attempt: Attempt | undefined): Promise<PersonOfLogin> {
    const rules = this.required();
    if (attempt === undefined)
      throw new LoginFailed('expired', 'The browser has begun no login, or more than 10 minutes ago');
    const provider = await this.provider(rules);
    const callback = new URL(`${rules.redirectUri}?${query}`);
    const checks = {
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.verifier,
      idTokenExpected: true,
    };
    const { id_token: idToken, access_token: accessToken } = await this.breaker
      .run(() => oidc.authorizationCodeGrant(provider, callback, checks))
      .catch((error: unknown) => this.refuse(error));
    const person = await this.tokens.personOfLogin({ idToken: idToken ?? '', accessToken }, rules.clientId);
    if (person === undefined) throw new LoginFailed('invalid', 'The identity token of the provider is not valid');
    return person;
  }

  private required(): OidcRules {
    if (this.rules === undefined) throw notFound('identity provider');
    return this.rules;
  }

  private provider(rules: OidcRules): Promise<oidc.Configuration> {
    return this.providers.get(rules.issuer.href, () => this.discover(rules));
  }

  private async discover({ issuer, clientId, clientSecret }: OidcRules): Promise<oidc.Configuration> {
    const authentication = clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- for a provider on this machine, whose http nobody reads
    const execute = issuer.protocol === 'http:' && isSafeUrl(issuer) ? [oidc.allowInsecureRequests] : [];
    try {
      const options = { execute, timeout: timeoutS };
      const found = await this.breaker.run(() => oidc.discovery(issuer, clientId, undefined, authentication, options));
      const { authorization_endpoint: endpoint = '' } = found.serverMetadata();
      const url = URL.parse(endpoint);
      if (url !== null && isSafeUrl(url)) return found;
      throw new Error('The authorization_endpoint of the provider does not begin with https://');
    } catch (cause) {
      throw new HttpError('identity_provider_unavailable', { retryAfterS: 1, cause });
    }
  }

  // What the provider or a forger said is only logged, without what was sent along.
  private refuse(error: unknown): never {
    if (isUnavailable(error)) throw new HttpError('identity_provider_unavailable', { retryAfterS: 1, cause: error });
    const { code, reason } = facts(error);
    this.logger.debug({ code, reason }, 'a login at the identity provider was refused');
    const said = error instanceof oidc.AuthorizationResponseError ? error.error : '';
    const failure = knownErrors.get(said);
    if (failure !== undefined) throw new LoginFailed(failure, `The identity provider says ${said}`);
    throw new LoginFailed('invalid', 'What the browser came back with is not of the login that it began');
  }
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 and OpenID Connect Core, 3.1.2.6; other texts come from anywhere. */
const knownErrors: ReadonlyMap<string, LoginFailure> = new Map([
  ['access_denied', 'denied'],
  ['login_required', 'denied'],
  ['consent_required', 'denied'],
  ['interaction_required', 'denied'],
  ['invalid_scope', 'refused'],
  ['unauthorized_client', 'refused'],
  ['unsupported_response_type', 'refused'],
  ['server_error', 'unavailable'],
  ['temporarily_unavailable', 'unavailable'],
]);

/** No answer, or one of a provider that is down. */
const isUnavailable = (error: unknown): boolean => {
  if (error instanceof TypeError || error instanceof BreakerOpen) return true;
  if (!(error instanceof oidc.ClientError)) return false;
  return error.code === 'OAUTH_TIMEOUT' || (error.cause instanceof Response && error.cause.status >= 500);
};

const facts = (error: unknown): { readonly code: unknown; readonly reason: string } =>
  error instanceof Error
    ? { code: Reflect.get(error, 'code'), reason: error.message }
    : { code: undefined, reason: '' };
