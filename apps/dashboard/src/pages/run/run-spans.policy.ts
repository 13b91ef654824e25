// The waterfall of a run: when each step ran, within the time of all.
import type { RunStep, RunView } from '@pulser/contracts';

/** In hundredths of the time of the run. */
export interface Span {
  readonly from: number;
  readonly width: number;
}

type Timed = Pick<RunStep, 'name' | 'started_at' | 'ended_at'>;

const timeOf = (at: string | null): number | undefined => (at === null ? undefined : Date.parse(at));

/** Less would not be seen. */
const leastWidth = 1;

/** @param now until which what is open has run. @returns the spans of steps that have begun, and milliseconds of the run */
export const spansOf = (
  {
    created_at: created,
    ended_at: ended,
    steps,
  }: Pick<RunView, 'created_at' | 'ended_at'> & { readonly steps: readonly Timed[] },
  now: number,
): { spans: ReadonlyMap<string, Span>; total: number } => {
  const begun = Date.parse(created);
  // The clocks of server and browser differ.
  const latest = Math.max(begun + 1, ...steps.flatMap(({ ended_at: at }) => timeOf(at) ?? []));
  const end = timeOf(ended) ?? Math.max(now, latest);
  const total = Math.max(1, end - begun);
  const share = (at: number): number => Math.min(100, Math.max(0, ((at - begun) / total) * 100));
  const spans = steps.flatMap(({ name, started_at: start, ended_at: stop }): [string, Span][] => {
    const started = timeOf(start);
    if (started === undefined) return [];
    const from = Math.min(share(started), 100 - leastWidth);
    return [[name, { from, width: Math.max(leastWidth, share(timeOf(stop) ?? end) - from) }]];
  });
  return { spans: new Map(spans), total };
};
