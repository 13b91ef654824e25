import { createHash, timingSafeEqual } from 'node:crypto';

import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  Controller,
  Get,
  Header,
  HttpStatus,
  Res,
  UseGuards,
} from '@nestjs/common';
import { HttpError } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { Public } from '../http/requests.js';
import { SharedResources } from '../process/shared-resources.js';
import { Readiness, type ReadinessReport } from './readiness.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Who may read `/metrics`: everybody without a token, else who sends it as `Authorization: Bearer <token>`. */
export class MetricsAccess {
  private readonly wanted: Buffer | undefined;

  constructor(token?: string) {
    this.wanted = token === undefined ? undefined : digest(token);
  }

  permits(authorization: string | undefined): boolean {
    if (this.wanted === undefined) return true;
    const given = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    // Of digests, because both sides have to be of one length, and the time must not tell how much was right.
    return given !== undefined && timingSafeEqual(digest(given), this.wanted);
  }
}

/** Asks for METRICS_TOKEN where it is set. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(private readonly access: MetricsAccess) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    if (this.access.permits(http.getRequest<FastifyRequest>().headers.authorization)) return true;
    http.getResponse<FastifyReply>().header('www-authenticate', 'Bearer');
    throw new HttpError('unauthenticated');
  }
}

/** What orchestrators and Prometheus ask of every service; no API key is needed. */
@Public()
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly host: SharedResources,
  ) {}

  @Get('health')
  health(): { ok: true } {
    return { ok: true };
  }

  // Asks nothing outside: restarting this process does not bring back a database.
  @Get('health/live')
  live(): { ok: true; uptime_s: number } {
    return { ok: true, uptime_s: Math.round(process.uptime()) };
  }

  @Get('health/ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    reply.status(report.ok ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return report;
  }

  @Get('metrics')
  @UseGuards(MetricsGuard)
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async metrics(): Promise<string> {
    return this.host.metricsText();
  }
}
