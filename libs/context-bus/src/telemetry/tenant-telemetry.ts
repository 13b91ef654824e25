// What an agent may ask about the tasks of the tenant that it works for: the figures of the API, and what a report of them
// needs beside.
import { Injectable } from '@nestjs/common';
import type {
  DepthQuery,
  HealthQuery,
  TelemetryDepth,
  TelemetryErrors,
  TelemetryHealth,
  TelemetryLatency,
  TelemetryQuery,
  TelemetryThroughput,
} from '@pulser/contracts';

import { Tenants } from '../access/tenants.js';
import { type DeadLetterGrowth, DeadLetterGrowths } from '../dead-letters/growth.js';
import { TelemetryReads } from './telemetry-reads.js';
import { Timelines } from './timelines.js';

/** Whose figures these are, and what time it is where they are kept. */
export interface TelemetryNow {
  /** RFC 3339, by the clock of the database. */
  readonly at: string;
  readonly tenant: { readonly id: string; readonly name: string };
}

/** Questions by name, with what they take. Answers have the shape of the API. */
export interface TelemetryQuestions {
  readonly now: unknown;
  readonly throughput: Omit<TelemetryQuery, 'format'>;
  readonly latency: Omit<TelemetryQuery, 'format'>;
  readonly errors: Omit<TelemetryQuery, 'format'>;
  readonly depth: Omit<DepthQuery, 'format'>;
  readonly health: Omit<HealthQuery, 'format'>;
  /** RFC 3339; `to` is exclusive. */
  readonly dead_letters: { readonly from: string; readonly to: string };
}

export interface TelemetryAnswers {
  readonly now: TelemetryNow;
  readonly throughput: TelemetryThroughput;
  readonly latency: TelemetryLatency;
  readonly errors: TelemetryErrors;
  readonly depth: TelemetryDepth;
  readonly health: TelemetryHealth;
  readonly dead_letters: DeadLetterGrowth;
}

export type TelemetryView = keyof TelemetryAnswers;

/** One question, and what its name is. */
export type TelemetryQuestion<View extends TelemetryView> = TelemetryQuestions[View] & { readonly view: View };

/** More series than a page shows: a report adds up those that it does not name. */
const maxSeries = 200;

type Reader<View extends TelemetryView> = (
  tenantId: string,
  question: TelemetryQuestions[View],
) => Promise<TelemetryAnswers[View]>;

/** All of it for one tenant at a time. */
@Injectable()
export class TenantTelemetry {
  private readonly readers: { readonly [View in TelemetryView]: Reader<View> } = {
    now: (tenantId) => this.now(tenantId),
    throughput: (tenantId, query) => this.reads.throughput(tenantId, query, maxSeries),
    latency: (tenantId, query) => this.reads.latency(tenantId, query, maxSeries),
    errors: (tenantId, query) => this.reads.errors(tenantId, query, maxSeries),
    depth: (tenantId, query) => this.reads.depth(tenantId, query),
    health: (tenantId, query) => this.reads.health(tenantId, query),
    dead_letters: (tenantId, { from, to }) => this.letters.between(tenantId, from, to),
  };

  constructor(
    private readonly reads: TelemetryReads,
    private readonly timelines: Timelines,
    private readonly letters: DeadLetterGrowths,
    private readonly tenants: Tenants,
  ) {}

  /** @throws HttpError `invalid_request` for a range that cannot be; DatabaseUnavailable */
  answer<View extends TelemetryView>(
    tenantId: string,
    { view, ...question }: TelemetryQuestion<View>,
  ): Promise<TelemetryAnswers[View]> {
    return this.readers[view](tenantId, question as unknown as TelemetryQuestions[View]);
  }

  private async now(tenantId: string): Promise<TelemetryNow> {
    const [{ nowS }, name] = await Promise.all([this.timelines.present(tenantId), this.tenants.nameOf(tenantId)]);
    return { at: new Date(nowS * 1_000).toISOString(), tenant: { id: tenantId, name: name ?? tenantId } };
  }
}
