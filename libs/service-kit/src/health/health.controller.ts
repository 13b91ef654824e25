import { Controller, Get, Header, HttpStatus, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

import { SharedResources } from '../bootstrap/shared-resources.js';
import { Public } from '../http/public.js';
import { MetricsGuard } from '../metrics/metrics.guard.js';
import { Readiness, type ReadinessReport } from './readiness.js';

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
