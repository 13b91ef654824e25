// From what the API answers of a time to what a chart draws.
import type { SeriesKey } from '@pulser/contracts';

import type { Series } from '../ui/chart.policy.js';

type Values = Readonly<Record<string, readonly (number | null)[]>>;

/** What every answer of `GET /api/v1/telemetry/…` in steps of time has. */
export interface Timeline {
  readonly times: readonly number[];
  readonly step_s: number;
  readonly kept_from: string | null;
  readonly series: readonly { readonly key: SeriesKey; readonly values: Values }[];
  readonly left_out: number;
}

// The agents that come with Pulser have the colour of their face, or the one nearest to it, on every chart.
const colors: Readonly<Record<string, string>> = {
  dash: '--series-1',
  data_fabcon: '--series-3',
  maya: '--series-4',
  echo: '--series-5',
  arkie: '--series-2',
  learnbot: '--series-6',
  pulser: '--series-7',
};

/** Name of the layer that holds all series that have none of their own. */
export const others = 'others';

/** More colours than these are not told apart. */
const mostShown = 8;

const palette = Array.from({ length: mostShown }, (_, index) => `--series-${index + 1}`);

/** A colour for each of these agents: the same for those that come with Pulser, one that is free for any other. */
const colored = (series: readonly Series[]): Series[] => {
  const own = new Set(series.map(({ name }) => colors[name]));
  const free = palette.filter((color) => !own.has(color));
  return series.map((one) => {
    const color = Object.hasOwn(colors, one.name) ? colors[one.name] : free.shift();
    return color === undefined ? one : { ...one, color };
  });
};

const sum = (lists: readonly (readonly (number | null)[])[], length: number): (number | null)[] =>
  Array.from({ length }, (_, index) =>
    lists.every((values) => (values[index] ?? null) === null)
      ? null
      : lists.reduce((total, values) => total + (values[index] ?? 0), 0),
  );

const byAgent = ({ series }: Timeline, column: string, most: number): { shown: Series[]; rest: Series[] } => {
  const all = series.map(({ key, values }) => ({ name: key.agent ?? '', values: values[column] ?? [] }));
  return {
    // Those with the most tasks come first: by name, layers do not change places from one look to the next.
    shown: all.slice(0, most).sort((a, b) => (a.name < b.name ? -1 : 1)),
    rest: all.slice(most),
  };
};

/** A column of counts by agent, as layers; agents with few tasks are one layer, so that the sum is right. */
export const layersOf = (timeline: Timeline, column: string): Series[] => {
  const { shown, rest } = byAgent(timeline, column, timeline.series.length > mostShown ? mostShown - 1 : mostShown);
  const layers = colored(shown.filter(({ values }) => values.some((value) => (value ?? 0) > 0)));
  if (rest.length === 0) return layers;
  const values = sum(
    rest.map((one) => one.values),
    timeline.times.length,
  );
  return [...layers, { name: others, values, color: '--idle-mark' }];
};

/** A column by agent, as lines: of those with the most tasks, because quantiles have no sum. */
export const linesOf = (timeline: Timeline, column: string): { lines: Series[]; leftOut: number } => {
  const { shown, rest } = byAgent(timeline, column, mostShown);
  const hasValue = ({ values }: Series): boolean => values.some((value) => value !== null);
  return { lines: colored(shown.filter(hasValue)), leftOut: rest.filter(hasValue).length + timeline.left_out };
};

/** Columns of the only series, under names of their own. */
export const columnsOf = (
  { series: [only] }: Timeline,
  names: Readonly<Record<string, { readonly name: string; readonly color?: string }>>,
): Series[] =>
  only === undefined
    ? []
    : Object.entries(names).map(([column, look]) => ({ ...look, values: only.values[column] ?? [] }));

/** The end of the bucket that begins then, in seconds of the epoch. */
export const bucketAt = ({ step_s: stepS }: Pick<Timeline, 'step_s'>, fromS: number) => ({ fromS, toS: fromS + stepS });

/** The same values, the last of them replaced by one that is newer. */
export const withLast = (values: readonly (number | null)[], last: number | undefined): (number | null)[] =>
  last === undefined || values.length === 0 ? [...values] : [...values.slice(0, -1), last];
