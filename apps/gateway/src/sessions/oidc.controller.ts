// The login at the identity provider: two addresses that a browser goes to, there and back.
import { Controller, Get, HttpStatus, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Logger, Public } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { cookieIn, loginCookie, setCookie } from '../access/session-cookie.policy.js';
import { Documented } from '../docs/documented.js';
import { attemptIn, attemptText, failedLoginPath, LoginFailed, loginFailureOf, ReturnPath } from './oidc.policy.js';
import { OidcLogins } from './oidc.service.js';
import { Sessions, sessionSetCookie } from './sessions.service.js';

/** Seconds that a person may take at the provider. */
const attemptS = 600;

const StartQuery = z.strictObject({
  return_to: ReturnPath.default('/ui/').meta({ description: 'Path of the page to go on with' }),
});
type StartQuery = z.infer<typeof StartQuery>;

const problems = ['invalid_request', 'not_found'] as const;

const failedText = 'Or `/ui/login?failed=<reason>`, where the page says why there is no session';

const queryOf = ({ url }: FastifyRequest): string => url.split('?').slice(1).join('?');

@ApiTags('sessions')
@Controller('api/v1/sessions/oidc')
export class OidcController {
  constructor(
    private readonly logins: OidcLogins,
    private readonly sessions: Sessions,
    private readonly logger: Logger,
  ) {}

  @Public()
  @Documented({
    id: 'startOidcLogin',
    summary: 'Go to the identity provider to log in',
    description: 'For a browser to open, not for `fetch`. Needs OIDC_CLIENT_ID, JWT_ISSUER and PUBLIC_URL.',
    answers: [
      {
        status: 303,
        description: `The login page of the provider. ${failedText}`,
        headers: { location: 'Its address' },
      },
    ],
    problems,
  })
  @Get('start')
  async start(
    @Req() request: FastifyRequest,
    @Query({ schema: StartQuery }) { return_to: returnTo }: StartQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.orBack(reply, returnTo, async () => {
      this.sessions.requireSafe(request);
      const { url, attempt } = await this.logins.begin(returnTo);
      // Lax: the provider's page leads back here.
      reply.header('set-cookie', setCookie(loginCookie, attemptText(attempt), { sameSite: 'Lax', maxAgeS: attemptS }));
      return url;
    });
  }

  @Public()
  @Documented({
    id: 'endOidcLogin',
    summary: 'Where the identity provider sends the browser back to',
    answers: [
      {
        status: 303,
        description: `The page, logged in. ${failedText}`,
        headers: { location: 'The path that the login began with', 'set-cookie': 'The cookie `__Host-pulser`' },
      },
    ],
    problems,
  })
  @Get('callback')
  async callback(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const attempt = attemptIn(cookieIn(request.headers.cookie, loginCookie));
    // Whatever comes of it, the same attempt does not count twice.
    reply.header('set-cookie', setCookie(loginCookie, '', { sameSite: 'Lax', maxAgeS: 0 }));
    const returnTo = attempt?.returnTo ?? '/ui/';
    await this.orBack(reply, returnTo, async () => {
      this.sessions.requireSafe(request);
      const { principal, displayName } = await this.logins.end(queryOf(request), attempt);
      reply.header('set-cookie', sessionSetCookie(await this.sessions.createFor(request, principal, displayName)));
      return returnTo;
    });
  }

  /** Leads on, or back to the login of the page with the reason: a person is there, who cannot read problem documents. */
  private async orBack(reply: FastifyReply, returnTo: string, next: () => Promise<string>): Promise<void> {
    const location = await next().catch((err: unknown) => {
      const failure = loginFailureOf(err);
      if (failure === undefined) throw err;
      // Not what stands in an address, which anybody can write.
      const isOutage = failure === 'unavailable' && !(err instanceof LoginFailed);
      if (isOutage) this.logger.warn({ err }, 'nobody can log in at the identity provider now');
      return failedLoginPath(failure, returnTo);
    });
    reply.status(HttpStatus.SEE_OTHER).header('location', location);
  }
}
