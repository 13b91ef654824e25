// The clocks of a zone: what they show at an instant, and at which instants they show a time. A wall time is written as the
// milliseconds that UTC would have when its clocks showed it.

const minuteMs = 60_000;
/** How far ahead a change is seen. Clocks change by an hour or less, but for a few zones that moved over the date line. */
export const changesSeenMs = 26 * 3_600_000;

/** The instants that show a wall time: one, two of a repeated hour; or none, and the first instant after the gap. */
export type Shown = { readonly at: readonly [number, ...number[]] } | { readonly gapEnd: number };

export class WallClock {
  private readonly format: Intl.DateTimeFormat;

  /** @throws RangeError when this build does not know the zone */
  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What the clocks show at an instant. */
  at(instant: number): number {
    const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of this.format.formatToParts(instant)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1_000) + 1_000) % 1_000);
  }

  /** Milliseconds by which the clocks are ahead of UTC at an instant. */
  offset(instant: number): number {
    return this.at(instant) - instant;
  }

  /** The instants at which the clocks show a time, the earlier first. */
  show(wall: number): Shown {
    const before = this.offset(wall - changesSeenMs);
    const after = this.offset(wall + changesSeenMs);
    const at = [...new Set([wall - before, wall - after])].sort((a, b) => a - b).filter((it) => this.at(it) === wall);
    const [first, ...others] = at;
    return first === undefined ? { gapEnd: this.change(wall - before, wall - after) } : { at: [first, ...others] };
  }

  /** The next instant within a day at which the clocks change; undefined: they do not. */
  nextChange(instant: number): number | undefined {
    return this.offset(instant) === this.offset(instant + changesSeenMs)
      ? undefined
      : this.change(instant, instant + changesSeenMs);
  }

  /** The first instant, of whole minutes, whose offset is not that of the earlier of two. */
  private change(one: number, other: number): number {
    let before = Math.floor(Math.min(one, other) / minuteMs);
    let after = Math.ceil(Math.max(one, other) / minuteMs);
    const offset = this.offset(before * minuteMs);
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.offset(middle * minuteMs) === offset) before = middle;
      else after = middle;
    }
    return after * minuteMs;
  }
}
