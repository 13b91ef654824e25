// The spans of a task as rows of a waterfall: each below what it is a part of.
import type { TaskSpan } from '@pulser/contracts';

export interface TraceRow {
  readonly span: TaskSpan;
  /** How many spans it is below. */
  readonly depth: number;
  /** Spans directly below it. */
  readonly parts: number;
  readonly isFolded: boolean;
}

/** Milliseconds of the epoch. */
export interface TraceRange {
  readonly from: number;
  readonly to: number;
}

const childrenOf = (spans: readonly TaskSpan[]): ReadonlyMap<string | null, readonly TaskSpan[]> => {
  const ids = new Set(spans.map(({ span_id }) => span_id));
  return Map.groupBy(spans, ({ parent_id }) => (parent_id !== null && ids.has(parent_id) ? parent_id : null));
};

/** Rows from top to bottom, without what is below a folded span. Each span once, also when spans name each other as parents. */
export const rowsOf = (spans: readonly TaskSpan[], folded: ReadonlySet<string>): TraceRow[] => {
  const children = childrenOf(spans);
  const rows: TraceRow[] = [];
  const placed = new Set<string>();
  const place = (tops: readonly TaskSpan[]): void => {
    // A stack of its own: how deep spans lie is up to who stored them.
    const open = tops.map((span) => ({ span, depth: 0, isHidden: false })).reverse();
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { span, depth, isHidden } = next;
      if (placed.has(span.span_id)) continue;
      placed.add(span.span_id);
      const below = children.get(span.span_id) ?? [];
      const isFolded = folded.has(span.span_id);
      if (!isHidden) rows.push({ span, depth, parts: below.length, isFolded });
      open.push(...below.map((part) => ({ span: part, depth: depth + 1, isHidden: isHidden || isFolded })).reverse());
    }
  };
  place(children.get(null) ?? []);
  // What is left is below none of the others.
  place(spans.filter(({ span_id }) => !placed.has(span_id)));
  return rows;
};

/** When a span ended; `now` for one that goes on. @returns milliseconds of the epoch */
export const endOf = ({ at, duration_ms: ms }: TaskSpan, now: number): number =>
  ms === null ? Math.max(now, Date.parse(at)) : Date.parse(at) + ms;

/** From the first beginning to the last end; at least a tenth of a millisecond long, so that places in it can be reckoned. */
export const rangeOf = (spans: readonly TaskSpan[], now: number): TraceRange => {
  let [from, to] = [Infinity, -Infinity];
  for (const span of spans) {
    from = Math.min(from, Date.parse(span.at));
    to = Math.max(to, endOf(span, now));
  }
  return from === Infinity ? { from: now, to: now + 1 } : { from, to: Math.max(to, from + 0.1) };
};

/** Where the bar of a span stands, in percent of the range. */
export const placeOf = (span: TaskSpan, { from, to }: TraceRange, now: number): { left: number; width: number } => {
  const share = (at: number): number => Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100));
  const left = share(Date.parse(span.at));
  return { left, width: share(endOf(span, now)) - left };
};
