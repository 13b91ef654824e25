// From a chart and rows to the picture that the painter draws.
import { barPicture } from './bar.policy.js';
import type { Chart } from './chart-input.js';
import { missingIn } from './fonts.js';
import type { Picture } from './frame.policy.js';
import { heatMapPicture } from './heat-map.policy.js';
import { histogramPicture } from './histogram.policy.js';
import { linePicture } from './line.policy.js';
import { piePicture } from './pie.policy.js';
import { scatterPicture } from './scatter.policy.js';
import type { Table } from './table.policy.js';

const pictureWith = (chart: Chart, table: Table, notes: readonly string[]): Picture => {
  switch (chart.kind) {
    case 'bar':
      return barPicture(chart, table, notes);
    case 'line':
    case 'area':
      return linePicture(chart, table, notes);
    case 'scatter':
      return scatterPicture(chart, table, notes);
    case 'pie':
      return piePicture(chart, table, notes);
    case 'histogram':
      return histogramPicture(chart, table, notes);
    case 'heatmap':
      return heatMapPicture(chart, table, notes);
  }
};

const maxNamed = 5;

const codePoint = (char: string): string =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

const undrawable = (missing: readonly string[]): string => {
  const named = missing.slice(0, maxNamed).map(codePoint).join(', ');
  const more = missing.length > maxNamed ? ` and ${missing.length - maxNamed} more` : '';
  return `Characters that no font here has, drawn as boxes: ${named}${more}`;
};

/**
 * Decides how a chart of these rows looks. The columns must have passed {@link chartProblem}.
 *
 * @param said what else a reader must know, beside what the rows themselves ask for
 * @throws TaskError `invalid_payload` when the rows do not fit the kind of chart
 */
export const pictureOf = (chart: Chart, table: Table, said: readonly string[] = []): Picture => {
  const picture = pictureWith(chart, table, said);
  const missing = missingIn(JSON.stringify(picture.option));
  return missing.length === 0 ? picture : pictureWith(chart, table, [...said, undrawable(missing)]);
};
