// A span: one piece of work in a trace.
import type { AsyncLocalStorage } from 'node:async_hooks';

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** The exported side of a span. */
export interface RecordedSpan {
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  end(error?: unknown): void;
}

/** A piece of work in a trace. It always has ids; the rest is kept only while traces are exported. */
export class Span {
  constructor(
    private readonly active: AsyncLocalStorage<Span>,
    /** Sent with every request and message that this work causes. */
    readonly traceparent: string,
    private readonly recorded?: RecordedSpan,
    /** The tenant of this work, once it is known. */
    public tenantId?: string,
  ) {}

  get traceId(): string {
    return this.traceparent.slice(3, 35);
  }

  get spanId(): string {
    return this.traceparent.slice(36, 52);
  }

  set(attributes: SpanAttributes): void {
    this.recorded?.set(attributes);
  }

  /** Ends the span, as failed when there is an error. */
  end(error?: unknown): void {
    this.recorded?.end(error);
  }

  /** Runs `work`; within it, and in everything asynchronous it starts, this is the current span. */
  run<T>(work: () => T): T {
    return this.active.run(this, work);
  }
}
