// The span of a submission, kept with the tasks that it made when their trace is one of those that are kept.
import { Injectable } from '@nestjs/common';
import { type Outcome, TaskSpans, TraceSampling } from '@pulser/context-bus';
import { Tracer } from '@pulser/service-kit';

import { GatewayEnv } from '../gateway.env.js';

/** Tasks of one submission whose trace shows it: all tasks of a batch are in one trace. */
const maxTasks = 10;

@Injectable()
export class SubmissionSpans {
  private readonly sampling: TraceSampling;

  constructor(
    private readonly tracer: Tracer,
    private readonly spans: TaskSpans,
    env: GatewayEnv,
  ) {
    this.sampling = new TraceSampling(env);
  }

  /** The tasks are committed. To be called in the span of the request. */
  committed(tenantId: string, outcomes: readonly Outcome[]): void {
    const { span } = this.tracer;
    if (span === undefined || !this.sampling.wantsTrace(span.traceId)) return;
    const now = performance.now();
    const created = outcomes.flatMap((outcome) => (outcome.kind === 'created' ? [outcome.taskId] : []));
    if (created.length === 0 || !this.sampling.take(tenantId, now)) return;
    const { traceId, spanId, since } = span;
    const shared = {
      traceId,
      spanId,
      parentId: undefined,
      name: 'submit',
      kind: 'server',
      service: 'gateway',
    } as const;
    const times = { at: new Date(Date.now() - now + since), durationMs: now - since };
    const facts = { attempt: undefined, error: undefined, attributes: { tasks: outcomes.length } };
    this.spans.add(
      tenantId,
      created.slice(0, maxTasks).map((taskId) => ({ taskId, ...shared, ...times, ...facts })),
    );
  }
}
