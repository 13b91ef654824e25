import { Injectable } from '@nestjs/common';
import type { ToolCallOutcome } from '@pulser/contracts';
import { Metrics } from '@pulser/service-kit';

import type { RegisteredTool } from '../registry/definition.policy.js';

const buckets = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];

/** Counts calls. Names of tools are no labels: those of servers from outside are an open set. */
@Injectable()
export class CallMeter {
  private readonly calls;
  private readonly seconds;

  constructor(metrics: Metrics) {
    this.calls = metrics.counter({
      name: 'pulser_tool_calls_total',
      help: 'Calls of tools of MCP servers by how they came out',
      labelNames: ['server', 'outcome'],
    });
    this.seconds = metrics.histogram({
      name: 'pulser_tool_call_seconds',
      help: 'How long calls of tools took, from when they came to their answer',
      labelNames: ['server'],
      buckets,
    });
  }

  ended(tool: RegisteredTool | undefined, outcome: ToolCallOutcome, durationMs: number): void {
    const server = tool?.server ?? 'none';
    this.calls.labels(server, outcome).inc();
    this.seconds.labels(server).observe(durationMs / 1_000);
  }
}
