import { categoryAxis, labelSize, timeAxis, valueAxis } from './axes.policy.js';
import { fitSideBySide } from './bar-layout.policy.js';
import type { XYChart } from './chart-input.js';
import { shorten } from './text-width.policy.js';
import { scaled, unitOf } from './unit.policy.js';
import type { AxisKind, Place } from './x-axis.policy.js';

/** An x axis and where each place of the data stands on it. */
export interface HorizontalAxis {
  readonly axis: Record<string, unknown>;
  readonly places: readonly Place[];
}

const onCategories = (chart: XYChart, name: string, labels: readonly string[]): HorizontalAxis => {
  const fitted = labels.map((label) => shorten(label, labelSize, 130));
  return {
    axis: categoryAxis(chart, name, fitted, fitSideBySide(fitted, chart.width) ? { interval: 0 } : { rotate: 45 }),
    // By position: two shortened labels may be alike.
    places: labels.map((_, index) => index),
  };
};

/** The x axis of lines and scatters. */
export const horizontalAxis = (
  chart: XYChart,
  name: string,
  kind: AxisKind,
  places: readonly Place[],
): HorizontalAxis => {
  if (kind === 'category') return onCategories(chart, name, places.map(String));
  const numbers = places.map(Number);
  if (kind !== 'value') return { axis: timeAxis(chart, name, kind, numbers), places };
  const unit = unitOf(numbers);
  return { axis: valueAxis(chart, name, unit, false), places: numbers.map((value) => scaled(value, unit)) };
};
