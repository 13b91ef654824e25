import type { ServerResponse } from 'node:http';

import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpError, isOutage } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';

import type { Logger } from '../log/logger.js';
import type { AllowedMethods } from './allowed-methods.js';
import { pathOf } from './path-of.js';
import { problemOf } from './problem.policy.js';
import { refusalOf } from './refusal.policy.js';

// A middleware gets Node's own response.
type Reply = FastifyReply | ServerResponse;

/** Answers every error with problem details (RFC 9457) and logs, once, those that are our own fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly adapter: FastifyAdapter,
    private readonly allowed: AllowedMethods,
    private readonly logger: Logger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> | undefined {
    // Messages are answered by their transport.
    if (host.getType() !== 'http') return throwError(() => thrown);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<Reply>();
    const unmatched = thrown instanceof NotFoundException && request.is404;
    const refusal = unmatched ? this.unmatched(request, reply) : refusalOf(thrown);
    if (refusal.status >= 500) this.report(refusal, request);
    this.answer(refusal, request, reply);
    return undefined;
  }

  private unmatched(request: FastifyRequest, reply: Reply): HttpError {
    const methods = this.allowed.of(pathOf(request));
    if (methods.length === 0 || methods.includes(request.method)) return new HttpError('not_found');
    this.setHeader(reply, 'allow', methods.join(', '));
    return new HttpError('method_not_allowed');
  }

  private report(refusal: HttpError, request: FastifyRequest): void {
    // The client is told less than was thrown.
    const err = refusal.code === 'internal' || isOutage(refusal.cause) ? (refusal.cause ?? refusal) : refusal;
    this.logger.error({ err, code: refusal.code, method: request.method, path: pathOf(request) }, 'request failed');
  }

  private answer(refusal: HttpError, request: FastifyRequest, reply: Reply): void {
    if (this.adapter.isHeadersSent(reply)) {
      // Half an answer is on its way: cutting it off is the only way left to say that it is not whole.
      ('raw' in reply ? reply.raw : reply).destroy();
      return;
    }
    const { retryAfterS } = refusal.facts;
    if (retryAfterS !== undefined) this.setHeader(reply, 'retry-after', String(Math.ceil(retryAfterS)));
    this.setHeader(reply, 'content-type', 'application/problem+json; charset=utf-8');
    const traceId = this.traceOf(reply);
    this.adapter.reply(reply, problemOf(refusal, { instance: pathOf(request), traceId }), refusal.status);
  }

  private setHeader(reply: Reply, name: string, value: string): void {
    this.adapter.setHeader(reply, name, value);
  }

  private traceOf(reply: Reply): string | undefined {
    const traceparent = reply.getHeader('traceparent');
    return typeof traceparent === 'string' ? traceparent.slice(3, 35) : undefined;
  }
}
