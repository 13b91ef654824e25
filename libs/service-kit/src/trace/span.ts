// A span is one piece of work in a trace. It is passed on as the traceparent header of W3C Trace Context.
import type { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** A position in a trace. Ids are lower-case hex: 32 characters for the trace, 16 for the span. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Whether spans of this trace are recorded; decided where the trace began. */
  readonly sampled: boolean;
}

// Version ff is forbidden, and neither id may be zero.
const pattern = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-.*)?$/;

const version00Length = 55;
export const sampledFlag = 1;

// A later version may append fields after the flags; version 00 may not.
const isValid = (text: string): boolean =>
  pattern.test(text) && (text.length === version00Length || !text.startsWith('00'));

/** Reads a `traceparent` header; undefined when it is not valid: https://www.w3.org/TR/trace-context/#traceparent-header */
export const parseTraceparent = (text: string | undefined): TraceContext | undefined => {
  if (text === undefined || !isValid(text)) return undefined;
  const flags = Number.parseInt(text.slice(53, 55), 16);
  return { traceId: text.slice(3, 35), spanId: text.slice(36, 52), sampled: (flags & sampledFlag) === sampledFlag };
};

/** Writes version 00, whatever version was read. */
export const formatTraceparent = ({ traceId, spanId, sampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/** Random ids from a pool of random bytes: asking the kernel for each costs 40 times as much. */
export class TraceIds {
  private pool = '';
  private used = 0;

  traceId(): string {
    return this.next(32);
  }

  spanId(): string {
    return this.next(16);
  }

  private next(length: number): string {
    if (this.used + length > this.pool.length) {
      this.pool = randomBytes(4_096).toString('hex');
      this.used = 0;
    }
    this.used += length;
    return this.pool.slice(this.used - length, this.used);
  }
}

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** The exported side of a span. */
export interface RecordedSpan {
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  end(error?: unknown): void;
}

/** A span that has ended, as a gathering keeps it. */
export interface EndedSpan {
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** By `performance.now()`. */
  readonly since: number;
  readonly durationMs: number;
  readonly attributes: SpanAttributes;
  /** Undefined: it has not failed. */
  readonly error: unknown;
}

/** The spans of a piece of work, for whoever decides at its end whether they are kept: the first of them, up to a number. */
export class SpanGathering {
  readonly spans: EndedSpan[] = [];

  constructor(private readonly maxSpans: number) {}

  add(span: EndedSpan): void {
    if (this.spans.length < this.maxSpans) this.spans.push(span);
  }
}

/** What is known of a span that a gathering keeps. */
interface Gathered {
  readonly into: SpanGathering;
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentId: string;
  attributes: SpanAttributes;
}

/** A piece of work in a trace. It always has ids; the rest is kept only while traces are exported or gathered. */
export class Span {
  /** When it began, by `performance.now()`. */
  readonly since = performance.now();
  /** Gets the spans that start in this one, and in these. */
  gathering: SpanGathering | undefined;

  constructor(
    private readonly active: AsyncLocalStorage<Span>,
    /** A function: made when it is asked for. */
    private position: string | (() => string),
    private readonly recorded?: RecordedSpan,
    /** The tenant of this work, once it is known. */
    public tenantId?: string,
    private readonly gathered?: Gathered,
  ) {
    this.gathering = gathered?.into;
  }

  /** Sent with every request and message that this work causes. */
  get traceparent(): string {
    if (typeof this.position === 'function') this.position = this.position();
    return this.position;
  }

  get traceId(): string {
    return this.traceparent.slice(3, 35);
  }

  get spanId(): string {
    return this.traceparent.slice(36, 52);
  }

  set(attributes: SpanAttributes): void {
    this.recorded?.set(attributes);
    if (this.gathered !== undefined) this.gathered.attributes = { ...this.gathered.attributes, ...attributes };
  }

  /** From now on the spans that start within this one are gathered; what nobody asks for goes with it. */
  gather(maxSpans: number): void {
    this.gathering = new SpanGathering(maxSpans);
  }

  /** Ends the span, as failed when there is an error. */
  end(error?: unknown): void {
    this.recorded?.end(error);
    if (this.gathered === undefined) return;
    const { into, ...facts } = this.gathered;
    into.add({ ...facts, spanId: this.spanId, since: this.since, durationMs: performance.now() - this.since, error });
  }

  /** Runs `work`; within it, and in everything asynchronous it starts, this is the current span. */
  run<T>(work: () => T): T {
    return this.active.run(this, work);
  }
}
