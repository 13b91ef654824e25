import type { AsyncLocalStorage } from 'node:async_hooks';

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** The part of a span that somebody exports. */
export interface RecordedSpan {
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  end(error?: unknown): void;
}

/** A piece of work in a trace. Ids are always there; the rest is kept only while traces are exported. */
export class Span {
  constructor(
    private readonly active: AsyncLocalStorage<Span>,
    /** To send along with whatever this work causes elsewhere. */
    readonly traceparent: string,
    private readonly recorded?: RecordedSpan,
    /** For whom the work is done, once that is known. */
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
