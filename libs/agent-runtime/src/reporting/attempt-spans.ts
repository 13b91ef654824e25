// The spans of attempts that are kept with their task: of a share of the tasks, and of every attempt that failed or was slow.
// Of any other nothing is made but what the attempt knows anyhow.
import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { type StoredSpan, TaskSpans, TraceSampling } from '@pulser/context-bus';
import { type EndedSpan, type Span, Tracer } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import { AgentEnv } from '../agent/agent.env.js';
import type { Attempt } from '../context/attempt.js';
import type { Outcome } from './attempt-meter.js';

/** Spans of one attempt, beside its own. */
const maxSpans = 100;

/** Milliseconds from which on a wait for a thread is worth a span. */
const worthMs = 1;

const operationOf = ({ payload }: Attempt): Record<string, string> =>
  typeof payload['operation'] === 'string' ? { operation: payload['operation'] } : {};

/** Only a name: messages of errors may tell of hosts and other tenants' things. */
const codeOf = (error: unknown): string => {
  if (error instanceof Error) return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return 'failed';
};

const newSpanId = (): string => randomBytes(8).toString('hex');

/** Keeps spans of attempts. */
@Injectable()
export class AttemptSpans {
  private readonly sampling: TraceSampling;

  constructor(
    private readonly tracer: Tracer,
    private readonly spans: TaskSpans,
    private readonly profile: AgentProfile,
    env: AgentEnv,
  ) {
    this.sampling = new TraceSampling(env);
  }

  /** To be called in the span of an attempt, at its start. */
  gather(): void {
    this.tracer.span?.gather(maxSpans);
  }

  /**
   * Keeps the spans of an attempt, if they are wanted. To be called in the attempt's span, when its end is written.
   * @param code of its failure
   */
  ended(attempt: Attempt, outcome: Outcome, code?: string): void {
    const { span } = this.tracer;
    if (span === undefined || outcome === 'lost' || outcome === 'released') return;
    const { traceId } = span;
    if (!this.sampling.wantsAttempt(traceId, { failed: code !== undefined, ms: attempt.ageMs })) return;
    if (!this.sampling.take(attempt.tenantId, performance.now())) return;
    const attributes = { outcome, ...operationOf(attempt) };
    this.spans.add(attempt.tenantId, this.spansOf(attempt, span, { attributes, error: code }));
  }

  private spansOf(attempt: Attempt, span: Span, own: Pick<StoredSpan, 'attributes' | 'error'>): StoredSpan[] {
    const now = performance.now();
    const epochMs = Date.now() - now;
    const { from, to = now } = attempt.handlerTimes;
    const shared = {
      taskId: attempt.taskId,
      traceId: span.traceId,
      service: this.profile.name,
      attempt: attempt.attempt,
    };
    const stored = (one: Omit<EndedSpan, 'parentId'>, parentId: string | undefined, error?: string): StoredSpan => ({
      ...shared,
      parentId,
      spanId: one.spanId,
      name: one.name,
      kind: one.kind,
      at: new Date(epochMs + one.since),
      durationMs: one.durationMs,
      error: error ?? (one.error === undefined ? undefined : codeOf(one.error)),
      attributes: one.attributes,
    });
    const phase = (name: string, since: number, until: number) => {
      const facts = { name, kind: 'internal' as const, attributes: {}, error: undefined };
      return stored({ ...facts, spanId: newSpanId(), since, durationMs: Math.max(0, until - since) }, span.spanId);
    };
    const root = { spanId: span.spanId, kind: 'consumer' as const, since: attempt.since, error: undefined };
    const whole = {
      ...root,
      name: `run ${attempt.taskType}`,
      durationMs: now - attempt.since,
      attributes: own.attributes,
    };
    // An attempt that was refused has none.
    const handler = from === undefined ? undefined : phase('handler', from, to);
    const waitedMs = from === undefined ? 0 : from - attempt.since;
    const parentOf = ({ parentId, since }: EndedSpan): string =>
      handler !== undefined && parentId === span.spanId && since <= to ? handler.spanId : parentId;
    return [
      stored(whole, undefined, own.error),
      ...(waitedMs >= worthMs ? [phase('wait for a thread', attempt.since, attempt.since + waitedMs)] : []),
      ...(handler === undefined ? [] : [handler]),
      ...(span.gathering?.spans ?? []).map((one) => stored(one, parentOf(one))),
      phase('write the end', to, now),
    ];
  }
}
