// Logins of browsers: which ways there are, logging in by a key or a code, the sessions that are open, and their end.
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CreateSession, LoginWays, SessionPage, SessionQuery, SessionView } from '@pulser/contracts';
import { Public } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { type AnyCaller, EveryCaller } from '../access/caller.js';
import { EverybodysRole } from '../access/roles.js';
import { sessionCookie, setCookie } from '../access/session-cookie.policy.js';
import { bodyProblems, Documented } from '../docs/documented.js';
import { IdParameter, IdPipe, notFound } from '../rest/parameters.js';
import { Sessions, sessionSetCookie, sessionView } from './sessions.service.js';

const gone = { status: 204, description: 'It has ended: refused everywhere within a second' };

const login =
  'For browsers. The session acts for the key, in its tenant (one of the installation has none) and with its rights, and ends with it. Its secret is in the cookie ' +
  '`__Host-pulser`, which no script can read and which comes over https only, or on the same machine. A request with the ' +
  'cookie that changes something must come from a page of the gateway itself.';

@ApiTags('sessions')
@Controller('api/v1/sessions')
export class SessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Public()
  @Documented({
    id: 'getLoginWays',
    summary: 'How a browser can log in',
    description:
      'To be asked before a person is asked for a key: over plain http from another machine it is not possible.',
    answers: [{ status: 200, description: 'The ways there are', schema: LoginWays }],
  })
  @Get('ways')
  ways(@Req() request: FastifyRequest): Promise<LoginWays> {
    return this.sessions.ways(request);
  }

  @Public()
  @Documented({
    id: 'createSession',
    summary: 'Log a browser in',
    description: login,
    answers: [
      {
        status: 201,
        description: 'The session. A session that the browser had before has ended',
        schema: SessionView,
        headers: { 'set-cookie': 'The cookie `__Host-pulser`' },
      },
    ],
    problems: [...bodyProblems, 'insecure_connection'],
  })
  @Post()
  async create(
    @Req() request: FastifyRequest,
    @Body({ schema: CreateSession }) order: CreateSession,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionView> {
    const made = await this.sessions.create(request, order);
    reply.header('set-cookie', sessionSetCookie(made));
    return sessionView(made, made.sessionId);
  }

  @EverybodysRole('viewer')
  @Documented({
    id: 'listSessions',
    summary: 'List the open sessions, newest first',
    description:
      'Administrators see those of the tenant, or of all keys of the installation, others those of their own key or person.',
    answers: [{ status: 200, description: 'A page', schema: SessionPage }],
    problems: ['invalid_request'],
  })
  @Get()
  list(@EveryCaller() caller: AnyCaller, @Query({ schema: SessionQuery }) query: SessionQuery): Promise<SessionPage> {
    return this.sessions.list(caller, query);
  }

  @EverybodysRole('viewer')
  @Documented({
    id: 'endCurrentSession',
    summary: 'Log out',
    description: 'A request with a key or token in the header Authorization has no session.',
    answers: [{ ...gone, headers: { 'set-cookie': 'Deletes the cookie `__Host-pulser`' } }],
    problems: ['not_found'],
  })
  @Delete('current')
  @HttpCode(HttpStatus.NO_CONTENT)
  async logOut(
    @Req() request: FastifyRequest,
    @EveryCaller() caller: AnyCaller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (caller.sessionId === undefined) throw notFound('session');
    await this.sessions.revoke(request, caller, caller.sessionId);
    reply.header('set-cookie', setCookie(sessionCookie, '', { sameSite: 'Strict', maxAgeS: 0 }));
  }

  @EverybodysRole('viewer')
  @IdParameter('the session')
  @Documented({
    id: 'endSession',
    summary: 'End a session',
    description:
      'Administrators may end those of the tenant, or of all keys of the installation, others those of their own key or person.',
    answers: [gone],
    problems: ['not_found'],
  })
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  revoke(
    @Req() request: FastifyRequest,
    @EveryCaller() caller: AnyCaller,
    @Param('id', new IdPipe('session')) sessionId: string,
  ): Promise<void> {
    return this.sessions.revoke(request, caller, sessionId);
  }
}
