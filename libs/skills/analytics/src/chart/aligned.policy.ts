import type { ChartData, Series } from './data.policy.js';
import { invalidChart } from './invalid-chart.js';
import type { Place } from './x-axis.policy.js';

/** Every series at every place of the x axis. */
export interface Aligned {
  readonly places: readonly Place[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

const written = (place: Place, kind: ChartData['kind']): string =>
  kind === 'time' || kind === 'year' ? new Date(Number(place)).toISOString() : String(place);

const valueByPlace = ({ name, points }: Series, kind: ChartData['kind']): Map<Place, number | null> => {
  const values = new Map<Place, number | null>();
  for (const { x, y } of points) {
    if (values.has(x)) {
      throw invalidChart(
        `Several rows of ${name} have the x value ${written(x, kind)}: aggregate them in the SQL (GROUP BY), or name in chart.series the column that tells them apart`,
      );
    }
    values.set(x, y);
  }
  return values;
};

/**
 * Puts the series side by side. Times are sorted, and with several series numbers too, since no single order of rows
 * fits them all; anything else keeps the order of the rows.
 *
 * @throws TaskError `invalid_payload` when a series has two rows at one place
 */
export const aligned = ({ kind, series }: ChartData, sortNumbers: boolean): Aligned => {
  const maps = series.map((one) => ({ name: one.name, values: valueByPlace(one, kind) }));
  const places = [...new Set(maps.flatMap(({ values }) => [...values.keys()]))];
  const sorted = kind === 'time' || kind === 'year' || (kind === 'value' && (sortNumbers || series.length > 1));
  if (sorted) places.sort((one, other) => Number(one) - Number(other));
  return {
    places,
    series: maps.map(({ name, values }) => ({ name, values: places.map((place) => values.get(place) ?? null) })),
  };
};
