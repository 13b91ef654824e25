// Which traces are kept: a decision that every service makes for itself, and the same one.
import type { StoredTraceSettings } from './spans.env.js';

/** Traces that a process keeps in a second, of all tenants and of one: a storm of failures must not become one of rows. */
export const maxTracesPerS = { all: 50, tenant: 5 };

/** Whether a trace is in the share. Its id is random: so is its end. @param traceId 32 hex digits */
export const isInShare = (traceId: string, share: number): boolean =>
  share > 0 && Number.parseInt(traceId.slice(-8), 16) < share * 2 ** 32;

/** Decides for one process. Times are of a monotonic clock, in milliseconds. */
export class TraceSampling {
  private second = -Infinity;
  private all = 0;
  private readonly byTenant = new Map<string, number>();

  constructor(private readonly settings: StoredTraceSettings) {}

  /** Whether the trace of a task is wanted, however its attempts end. */
  wantsTrace(traceId: string): boolean {
    return isInShare(traceId, this.settings.TRACE_STORED_SAMPLE);
  }

  /** Whether an attempt is worth its spans. */
  wantsAttempt(traceId: string, { failed, ms }: { readonly failed: boolean; readonly ms: number }): boolean {
    const { TRACE_STORED_SAMPLE, TRACE_STORED_SLOW_S } = this.settings;
    return TRACE_STORED_SAMPLE > 0 && (failed || ms >= TRACE_STORED_SLOW_S * 1_000 || this.wantsTrace(traceId));
  }

  /** Takes room for a trace that is wanted. @returns false when there is none this second */
  take(tenantId: string, now: number): boolean {
    const second = Math.floor(now / 1_000);
    if (second !== this.second) {
      this.second = second;
      this.all = 0;
      this.byTenant.clear();
    }
    const own = this.byTenant.get(tenantId) ?? 0;
    if (this.all >= maxTracesPerS.all || own >= maxTracesPerS.tenant) return false;
    this.all += 1;
    this.byTenant.set(tenantId, own + 1);
    return true;
  }
}
