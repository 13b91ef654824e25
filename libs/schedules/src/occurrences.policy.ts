// The times at which a schedule fires, as instants. What becomes of a time when clocks change: with a fixed hour it fires
// once, otherwise real time counts.
import type { ScheduleTimes } from '@pulser/contracts';

import { cronFault, type Pattern, patternOf } from './patterns.policy.js';
import { changesSeenMs, WallClock } from './wall-clock.policy.js';

/** The first time after an instant (both in milliseconds); undefined: there is none. */
type Next = (after: number) => number | undefined;

/** What is wrong with the times of a schedule, and where. */
export interface TimesFault {
  readonly pointer: string;
  readonly detail: string;
}

type DstRules = Pick<ScheduleTimes, 'missing' | 'repeated'>;

/** With a fixed hour, wall times come in the order of their instants: of a repeated one, one is taken. */
const fixedHours =
  ({ after: wallAfter }: Pattern, clock: WallClock, { missing, repeated }: DstRules): Next =>
  (after) => {
    // Of a repeated hour the last instants are wanted: their wall times may lie before the one that is shown now.
    let wall: number | undefined = clock.at(after) - (repeated === 'last' ? 2 * 3_600_000 : 0);
    for (;;) {
      wall = wallAfter(wall);
      if (wall === undefined) return undefined;
      const shown = clock.show(wall);
      if ('gapEnd' in shown && missing === 'skip') continue;
      const instant = 'gapEnd' in shown ? shown.gapEnd : repeated === 'last' ? Math.max(...shown.at) : shown.at[0];
      if (instant > after) return instant;
    }
  };

/** Without one, the clocks of each stretch between two changes count: what they leave out is not there, what they repeat is. */
const realTime =
  ({ after: wallAfter }: Pattern, clock: WallClock): Next =>
  (after) => {
    const change = clock.nextChange(after);
    const offset = clock.offset(after);
    let wall = wallAfter(after + offset);
    // The usual case: no clock changes until then.
    if (wall !== undefined && wall - offset < (change ?? after + changesSeenMs)) return wall - offset;
    if (change !== undefined) wall = wallAfter(change + clock.offset(change) - 1);
    while (wall !== undefined) {
      const shown = clock.show(wall);
      const instant = 'gapEnd' in shown ? undefined : shown.at.find((it) => it > after && it >= (change ?? after));
      if (instant !== undefined) return instant;
      wall = wallAfter(wall);
    }
    return undefined;
  };

const interval =
  (everyS: number, anchor: number): Next =>
  (after) =>
    anchor + (Math.floor((after - anchor) / (everyS * 1_000)) + 1) * everyS * 1_000;

const timesOf = (spec: ScheduleTimes, clock: WallClock): Next => {
  if (spec.when.kind === 'interval')
    return interval(spec.when.every_s, spec.start === undefined ? 0 : Date.parse(spec.start));
  const pattern = patternOf(spec.when);
  return pattern.fixedHour ? fixedHours(pattern, clock, spec) : realTime(pattern, clock);
};

const dayMs = 86_400_000;

/** The wall time at which the last day of an exclusion ends that holds the wall time; undefined: none does. */
const excludedUntil = ({ exclude }: ScheduleTimes, wall: number): number | undefined => {
  const day = new Date(wall).toISOString().slice(0, 10);
  const holding = exclude.find(({ from, to = from }) => from <= day && day <= to);
  return holding && Date.parse(holding.to ?? holding.from) + dayMs;
};

const startOf = (shown: ReturnType<WallClock['show']>): number => ('gapEnd' in shown ? shown.gapEnd : shown.at[0]);

/** The times of a schedule. @throws Error for times that have a fault */
export class Occurrences {
  private readonly clock;
  private readonly unbounded;

  constructor(private readonly spec: ScheduleTimes) {
    this.clock = new WallClock(spec.time_zone);
    this.unbounded = timesOf(spec, this.clock);
  }

  /** The first time after an instant; undefined: there is none. */
  after(instant: Date): Date | undefined {
    const { start, end } = this.spec;
    const from = start === undefined ? instant.getTime() : Math.max(instant.getTime(), Date.parse(start) - 1);
    const found = this.allowedAfter(from);
    return found === undefined || (end !== undefined && found >= Date.parse(end)) ? undefined : new Date(found);
  }

  /** The first `n` times after an instant, and before another one. */
  list(after: Date, n: number, before = new Date(8.64e15)): Date[] {
    const found: Date[] = [];
    for (let at = this.after(after); at !== undefined && at < before && found.length < n; at = this.after(at))
      found.push(at);
    return found;
  }

  private allowedAfter(instant: number): number | undefined {
    let found = this.unbounded(instant);
    while (found !== undefined) {
      const until = excludedUntil(this.spec, this.clock.at(found));
      if (until === undefined) return found;
      found = this.unbounded(Math.max(found, startOf(this.clock.show(until)) - 1));
    }
    return undefined;
  }
}

/** Why times are refused: the first reason; undefined: they are not. @param now in milliseconds */
export const timesFault = (spec: ScheduleTimes, now: Date): TimesFault | undefined => {
  const { when, end } = spec;
  const fault = when.kind === 'cron' ? cronFault(when.expression) : undefined;
  if (fault !== undefined) return { pointer: '/when/expression', detail: fault };
  if (end !== undefined && Date.parse(end) <= now.getTime()) return { pointer: '/end', detail: 'It lies in the past' };
  if (new Occurrences(spec).after(now) !== undefined) return undefined;
  return { pointer: '/when', detail: 'It never fires: no day has such a time' };
};
