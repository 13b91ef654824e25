// What orchestrators and Prometheus ask of every service.
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

/** Access to `/metrics`: open without a token, else only with `Authorization: Bearer <token>`. */
export class MetricsAccess {
  private readonly wanted: Buffer | undefined;

  constructor(token?: string) {
    this.wanted = token === undefined ? undefined : digest(token);
  }

  permits(authorization: string | undefined): boolean {
    if (this.wanted === undefined) return true;
    const given = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    // Digests have equal lengths, and comparing them takes the same time however much of the token is right.
    return given !== undefined && timingSafeEqual(digest(given), this.wanted);
  }
}

/** Requires METRICS_TOKEN where it is set. */
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

/** Liveness, readiness and metrics; no API key is needed. */
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

  // Checks no dependency: restarting this process does not bring back a database.
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
