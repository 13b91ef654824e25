// What was spent on models, as a chart by day and as a table of its parts.
import type { SpendSum, SpendView } from '@pulser/contracts';

import type { ChartData } from '../../ui/chart.policy.js';
import type { SpendBy, SpendDays } from './spend-route.js';

const dayMs = 86_400_000;
const microsOfUsd = 1_000_000;

/** So many series have a colour of their own. */
const maxSeries = 8;
const others = 'others';

/** First of so many days that end today (UTC). @param now in milliseconds */
export const firstDay = (days: SpendDays, now: number): string =>
  new Date(now - (Number(days) - 1) * dayMs).toISOString().slice(0, 10);

type Figures = SpendView['total'];

export interface SpendPart extends Figures {
  readonly name: string;
}

const nothing: Figures = { calls: 0, input_tokens: 0, output_tokens: 0, micros: 0 };

const added = (one: Figures, other: Figures): Figures => ({
  calls: one.calls + other.calls,
  input_tokens: one.input_tokens + other.input_tokens,
  output_tokens: one.output_tokens + other.output_tokens,
  micros: one.micros + other.micros,
});

/** Sums by agent or model, the dearest first. */
export const partsOf = (sums: readonly SpendSum[], by: SpendBy): SpendPart[] =>
  [...Map.groupBy(sums, (sum) => sum[by] ?? '')]
    .map(([name, of]) => ({ ...of.reduce<Figures>(added, nothing), name }))
    .sort((one, other) => other.micros - one.micros || other.calls - one.calls || one.name.localeCompare(other.name));

const daysOf = ({ from, to }: SpendView): string[] => {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  return Array.from({ length: (last - first) / dayMs + 1 }, (_, n) =>
    new Date(first + n * dayMs).toISOString().slice(0, 10),
  );
};

/** US dollars by day; of many agents or models the dearest, the rest together. */
export const chartOf = (view: SpendView, by: SpendBy): ChartData => {
  const days = daysOf(view);
  const names = partsOf(view.sums, by).map(({ name }) => name);
  const shown = names.length > maxSeries ? names.slice(0, maxSeries - 1) : names;
  const nameOf = (sum: SpendSum): string => (shown.includes(sum[by] ?? '') ? (sum[by] ?? '') : others);
  const byName = Map.groupBy(view.sums, nameOf);
  return {
    at: days.map((day) => Date.parse(day) / 1_000),
    series: [...shown, ...(names.length > shown.length ? [others] : [])].map((name) => ({
      name,
      values: days.map((day) =>
        (byName.get(name) ?? [])
          .filter((sum) => sum.day === day)
          .reduce((usd, { micros }) => usd + micros / microsOfUsd, 0),
      ),
    })),
  };
};
