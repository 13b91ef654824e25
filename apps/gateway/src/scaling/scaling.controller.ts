// How many workers an agent should have, as the routers measure it: for KEDA and whatever else starts and ends workers.
import { Controller, Get, Injectable, Module, Param } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type AgentName, AgentScaling, HttpError, namePattern, type ScalingMeasured } from '@pulser/contracts';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

import { InstallationRole } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { notFound } from '../rest/parameters.js';

/** Routers measure every 5 s: what is older says nothing. Milliseconds. */
const staleAfterMs = 20_000;

/** The newest figures of each agent, whichever router sent them: all measure the same. */
@Injectable()
export class ScalingFigures {
  private latest: ReadonlyMap<AgentName, AgentScaling> = new Map();
  private at = -Infinity;

  receive(measured: ScalingMeasured): void {
    this.latest = new Map(measured.map((one) => [one.agent, one]));
    this.at = performance.now();
  }

  /** @throws HttpError `scaling_unknown` when no router has been heard of lately, `not_found` for an agent that has none */
  of(agent: AgentName): AgentScaling {
    if (performance.now() - this.at > staleAfterMs)
      throw new HttpError('scaling_unknown', { detail: 'No router was heard of for 20 s', retryAfterS: 5 });
    const figures = this.latest.get(agent);
    if (figures === undefined) throw notFound('agent');
    return figures;
  }
}

@MessageConsumer()
export class ScalingConsumer {
  constructor(private readonly figures: ScalingFigures) {}

  @OnMessage('scaling.measured')
  receive(@Payload() measured: ScalingMeasured): void {
    this.figures.receive(measured);
  }
}

@ApiTags('installation')
@Controller('api/v1/scaling')
export class ScalingController {
  constructor(private readonly figures: ScalingFigures) {}

  @InstallationRole('viewer')
  @ApiParam({
    name: 'agent',
    description: 'Name of the agent',
    schema: { type: 'string', pattern: namePattern.source },
  })
  @Documented({
    id: 'getScaling',
    summary: 'How many workers an agent should have',
    description:
      'From the oldest wait of its tasks against an objective in seconds; measured every 5 s. For KEDA `metrics-api`: `valueLocation: desired_workers`, `targetValue: "1"`.',
    answers: [{ status: 200, description: 'What it has and should have', schema: AgentScaling }],
    problems: ['not_found', 'scaling_unknown'],
  })
  @Get(':agent')
  get(@Param('agent') agent: string): AgentScaling {
    return this.figures.of(agent);
  }
}

@Module({ controllers: [ScalingController, ScalingConsumer], providers: [ScalingFigures] })
export class ScalingModule {}
