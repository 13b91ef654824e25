import { Controller, Get, Headers, Module, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { TelemetryReads } from '@pulser/context-bus';
import {
  DepthQuery,
  HealthQuery,
  TelemetryDepth,
  TelemetryErrors,
  TelemetryHealth,
  TelemetryLatency,
  TelemetryQuery,
  TelemetryThroughput,
} from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { healthCsv, timelineCsv, wantsCsv } from './telemetry-csv.policy.js';

const csv = 'As CSV it is a row for every bucket of every series.';

/** Parameter of a handler: the header by which a client may ask for CSV. */
const Accept = (): ParameterDecorator => Headers('accept');

/** Answers with a table, as a file to be saved, where the client wants that. */
const answered = <Answer>(
  reply: FastifyReply,
  { format, accept }: { readonly format: 'json' | 'csv' | undefined; readonly accept: string | undefined },
  answer: Answer,
  file: { readonly name: string; readonly table: (answer: Answer) => string },
): Answer | string => {
  reply.header('vary', 'accept');
  if (!wantsCsv(format, accept)) return answer;
  reply.headers({
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': `attachment; filename="${file.name}.csv"`,
  });
  return file.table(answer);
};

@ApiTags('telemetry')
@Controller('api/v1/telemetry')
export class TelemetryController {
  constructor(private readonly telemetry: TelemetryReads) {}

  @Role('viewer')
  @Documented({
    id: 'getThroughput',
    summary: 'How many tasks came, started and ended',
    description: `A task is counted where something happened to it: it may come in one bucket and end in another. ${csv}`,
    answers: [{ status: 200, description: 'Tasks in steps of time', schema: TelemetryThroughput }],
    problems: ['invalid_request'],
  })
  @Get('throughput')
  async throughput(
    @TenantId() tenantId: string,
    @Query({ schema: TelemetryQuery }) query: TelemetryQuery,
    @Accept() accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TelemetryThroughput | string> {
    const answer = await this.telemetry.throughput(tenantId, query);
    return answered(reply, { format: query.format, accept }, answer, { name: 'throughput', table: timelineCsv });
  }

  @Role('viewer')
  @Documented({
    id: 'getLatency',
    summary: 'How long tasks waited and ran',
    description:
      'Of the tasks that completed: `wait` from the time a task could start to the start of the attempt that completed it, ' +
      `\`run\` the length of that attempt. Quantiles are within 1 % of the exact ones. ${csv}`,
    answers: [{ status: 200, description: 'Means and quantiles in steps of time', schema: TelemetryLatency }],
    problems: ['invalid_request'],
  })
  @Get('latency')
  async latency(
    @TenantId() tenantId: string,
    @Query({ schema: TelemetryQuery }) query: TelemetryQuery,
    @Accept() accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TelemetryLatency | string> {
    const answer = await this.telemetry.latency(tenantId, query);
    return answered(reply, { format: query.format, accept }, answer, { name: 'latency', table: timelineCsv });
  }

  @Role('viewer')
  @Documented({
    id: 'getErrors',
    summary: 'How many tasks failed for good',
    description: `\`error_rate\` = failed / (completed + failed); a cancelled task is no error. ${csv}`,
    answers: [{ status: 200, description: 'Tasks and rates in steps of time', schema: TelemetryErrors }],
    problems: ['invalid_request'],
  })
  @Get('errors')
  async errors(
    @TenantId() tenantId: string,
    @Query({ schema: TelemetryQuery }) query: TelemetryQuery,
    @Accept() accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TelemetryErrors | string> {
    const answer = await this.telemetry.errors(tenantId, query);
    return answered(reply, { format: query.format, accept }, answer, { name: 'errors', table: timelineCsv });
  }

  @Role('viewer')
  @Documented({
    id: 'getDepth',
    summary: 'How many tasks have not ended',
    description:
      '`now` has them by agent, task type, priority and status. Their history is worked out from what came and ended since, ' +
      `so it is exact, but known by task type alone: back-ups take tasks of other agents over. ${csv}`,
    answers: [{ status: 200, description: 'Open tasks, now and at the end of each step', schema: TelemetryDepth }],
    problems: ['invalid_request'],
  })
  @Get('depth')
  async depth(
    @TenantId() tenantId: string,
    @Query({ schema: DepthQuery }) query: DepthQuery,
    @Accept() accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TelemetryDepth | string> {
    const answer = await this.telemetry.depth(tenantId, query);
    return answered(reply, { format: query.format, accept }, answer, { name: 'depth', table: timelineCsv });
  }

  @Role('viewer')
  @Documented({
    id: 'getHealth',
    summary: 'Which agents have workers, and how they did',
    description:
      'Whether an agent is up is known of now alone; the figures are those of the caller’s tasks between `from` and `to`. ' +
      'As CSV it is a row for every agent.',
    answers: [{ status: 200, description: 'Every agent that has registered', schema: TelemetryHealth }],
    problems: ['invalid_request'],
  })
  @Get('health')
  async health(
    @TenantId() tenantId: string,
    @Query({ schema: HealthQuery }) query: HealthQuery,
    @Accept() accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TelemetryHealth | string> {
    const answer = await this.telemetry.health(tenantId, query);
    return answered(reply, { format: query.format, accept }, answer, { name: 'health', table: healthCsv });
  }
}

@Module({ controllers: [TelemetryController] })
export class TelemetryModule {}
