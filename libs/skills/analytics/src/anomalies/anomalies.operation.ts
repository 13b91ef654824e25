// The operation `anomalies`: a series by SQL, the values that stand out of it, each with the range that would be usual.
import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import { bandPicture, type Picture, sharedPainter } from '@pulser/charts';

import { sharedComputer } from '../computing/computer.js';
import { analysisErrors } from '../data/select-rows.js';
import { type RegularSeries, timeAt } from '../series/regular-series.policy.js';
import { axisOf, lineFrom, placeOf } from '../series/series-chart.js';
import { type ReadSeries, readingOf, readSeries, reportOn, reportOnNone } from '../series/series-input.js';
import { calendarSeasons } from '../series/step.policy.js';
import { AnomaliesInput, type AnomaliesResult, example, maxListed } from './anomalies-contract.js';
import { anomalyNotes, reasonFor, whyOf } from './anomalies-words.policy.js';
import type { AnomaliesFound, Outlier } from '../computing/finding.js';

/** Fewer say nothing about what is usual. */
const minValues = 12;

const tooLittle = ({ rows, series, count }: ReadSeries): AnomaliesResult => ({
  verdict: 'too_little_data',
  reason: `The series has ${count === 1 ? '1 value' : `${count} values`}: what is usual can be told of ${minValues} and more`,
  series: series === undefined ? reportOnNone(count) : reportOn(series, { length: 1, source: 'none', strength: null }),
  expectation: null,
  sigma: null,
  count: 0,
  anomalies: [],
  notes: [...(series?.notes ?? [])],
  ...readingOf(rows),
});

const anomalyOf = (
  series: RegularSeries,
  found: AnomaliesFound,
  { index, score }: Outlier,
): AnomaliesResult['anomalies'][number] => {
  const [value, expected] = [series.values[index] ?? 0, found.expected[index] ?? 0];
  return {
    time: timeAt(series, index),
    value,
    expected,
    lower: expected - found.halfWidth,
    upper: expected + found.halfWidth,
    score,
    why: whyOf(found, value, expected, score),
  };
};

const listed = ({ outliers }: AnomaliesFound): Outlier[] =>
  [...outliers]
    .sort((one, other) => Math.abs(other.score) - Math.abs(one.score))
    .slice(0, maxListed)
    .sort((one, other) => one.index - other.index);

const pictureOf = (
  input: AnomaliesInput,
  series: RegularSeries,
  found: AnomaliesFound,
  notes: readonly string[],
): Picture =>
  bandPicture(
    {
      xLabel: input.time,
      yLabel: input.value,
      theme: input.theme,
      ...(input.title !== undefined && { title: input.title }),
    },
    {
      kind: axisOf(series),
      line: { name: 'Values', points: lineFrom(series, 0) },
      band: {
        name: 'Usual range',
        points: found.expected.map(
          (value, at) => [placeOf(series, at), value - found.halfWidth, value + found.halfWidth] as const,
        ),
      },
      marks: {
        name: 'Anomalies',
        points: found.outliers.map(({ index }) => [placeOf(series, index), series.values[index] ?? 0] as const),
      },
    },
    notes,
  );

const draw = async (picture: Picture, context: TaskContext): Promise<void> => {
  const { svg, png } = await sharedPainter.paint(picture, context.signal);
  await context.artifact('anomalies.svg', 'image/svg+xml', svg);
  await context.artifact('anomalies.png', 'image/png', png);
};

const compute = (
  series: RegularSeries,
  { threshold, season_length }: AnomaliesInput,
  signal: AbortSignal,
): Promise<AnomaliesFound> => {
  const { values, known, step } = series;
  const job = { values, known, threshold, season: season_length, suggestedSeasons: calendarSeasons(step) };
  return sharedComputer.run('anomalies', { kind: 'anomalies', ...job }, signal);
};

/** Finds the values of a series that stand out, and says of each what would be usual. */
export const anomalies = operation({
  name: 'anomalies',
  summary: 'Finds the values that stand out of a series, each with what is expected, its score and why',
  input: AnomaliesInput,
  example,
  errors: analysisErrors,
  // SQL, numbers and charts have processes of their own: here it only waits for them.
  inline: true,
  handle: async (input, context): Promise<AnomaliesResult> => {
    const read = await readSeries(input, context);
    const { rows, series } = read;
    if (series === undefined || series.values.length < minValues) return tooLittle(read);
    context.progress(40, 'The series has been read');
    const found = await compute(series, input, context.signal);
    const count = series.values.length;
    const notes = [...series.notes, ...anomalyNotes(found, count)];
    await draw(pictureOf(input, series, found, notes), context);
    return {
      verdict: found.outliers.length === 0 ? 'none' : 'found',
      reason: reasonFor(found, count, input.threshold),
      series: reportOn(series, found.season),
      expectation: found.expectation,
      sigma: found.sigma,
      count: found.outliers.length,
      anomalies: listed(found).map((outlier) => anomalyOf(series, found, outlier)),
      notes,
      ...readingOf(rows),
    };
  },
});
