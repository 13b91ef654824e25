// From a chart and rows to the picture that the painter draws.
import { barPicture } from './bar.policy.js';
import type { Chart } from './chart-input.js';
import type { Picture } from './frame.policy.js';
import { histogramPicture } from './histogram.policy.js';
import { linePicture } from './line.policy.js';
import { piePicture } from './pie.policy.js';
import { scatterPicture } from './scatter.policy.js';
import type { Table } from './table.policy.js';

/**
 * Decides how a chart of these rows looks. The columns must have passed {@link chartProblem}.
 *
 * @param note a line under the title
 * @throws TaskError `invalid_payload` when the rows do not fit the kind of chart
 */
export const pictureOf = (chart: Chart, table: Table, note?: string): Picture => {
  switch (chart.kind) {
    case 'bar':
      return barPicture(chart, table, note);
    case 'line':
    case 'area':
      return linePicture(chart, table, note);
    case 'scatter':
      return scatterPicture(chart, table, note);
    case 'pie':
      return piePicture(chart, table, note);
    case 'histogram':
      return histogramPicture(chart, table, note);
  }
};
