// The operation `forecast`: a series by SQL, a back-test of its candidates, the chosen forecast with its chart.
import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import { bandPicture, type Picture, sharedPainter } from '@pulser/charts';

import { sharedComputer } from '../computing/computer.js';
import { analysisErrors } from '../data/select-rows.js';
import type { Tested } from '../models/back-test.policy.js';
import { type RegularSeries, timeAt } from '../series/regular-series.policy.js';
import { axisOf, lineFrom, placeOf } from '../series/series-chart.js';
import { type ReadSeries, readingOf, readSeries, reportOn, reportOnNone } from '../series/series-input.js';
import { calendarSeasons } from '../series/step.policy.js';
import { example, ForecastInput, type ForecastResult } from './forecast-contract.js';
import type { Forecasted, TooLittle } from '../computing/forecasting.js';
import { forecastNotes, reasonFor, tooLittleReason } from './forecast-words.policy.js';

const nothing = { model: null, candidates: [], back_test: null, interval: null, forecast: [] };

const tooLittle = (
  { rows, series, count }: ReadSeries,
  { horizon }: ForecastInput,
  answer: TooLittle | undefined,
): ForecastResult => ({
  verdict: 'too_little_data',
  reason: tooLittleReason(count, horizon, answer),
  series: series === undefined || answer === undefined ? reportOnNone(count) : reportOn(series, answer.season),
  ...nothing,
  notes: [...(series?.notes ?? [])],
  ...readingOf(rows),
});

const candidateOf = ({ model, mae, mase, coverage, failure }: Tested): ForecastResult['candidates'][number] => ({
  model,
  mae,
  mase,
  coverage,
  ...(failure !== undefined && { failure }),
});

const rowsOf = (series: RegularSeries, { prediction }: Forecasted): ForecastResult['forecast'] =>
  prediction.point.map((value, at) => ({
    time: timeAt(series, series.values.length + at),
    value,
    lower: prediction.lower[at] ?? value,
    upper: prediction.upper[at] ?? value,
  }));

const backTestOf = (series: RegularSeries, { origins }: Forecasted): ForecastResult['back_test'] => {
  const { lengths, horizon } = origins;
  return {
    origins: lengths.length,
    first_origin: timeAt(series, (lengths[0] ?? 1) - 1),
    last_origin: timeAt(series, (lengths.at(-1) ?? 1) - 1),
    compared: lengths.flatMap((length) => series.known.slice(length, length + horizon)).filter(Boolean).length,
  };
};

/** What goes before a forecast in its chart: enough to see the season and the errors. */
const shownBefore = (series: RegularSeries, horizon: number, season: number): number =>
  Math.min(series.values.length, Math.max(60, 5 * horizon, 4 * season));

const pictureOf = (
  input: ForecastInput,
  series: RegularSeries,
  answer: Forecasted,
  notes: readonly string[],
): Picture => {
  const count = series.values.length;
  const first = count - shownBefore(series, input.horizon, answer.season.length);
  const at = (index: number): number => placeOf(series, count + index);
  const { point, lower, upper } = answer.prediction;
  const last = [placeOf(series, count - 1), series.values.at(-1) ?? 0] as const;
  return bandPicture(
    {
      xLabel: input.time,
      yLabel: input.value,
      theme: input.theme,
      ...(input.title !== undefined && { title: input.title }),
    },
    {
      kind: axisOf(series),
      line: { name: 'Known', points: lineFrom(series, first) },
      continued: {
        name: `Forecast (${answer.chosen.model.replaceAll('_', ' ')})`,
        points: [last, ...point.map((value, index) => [at(index), value] as const)],
      },
      band: {
        name: `${input.level * 100} % interval`,
        points: point.map((value, index) => [at(index), lower[index] ?? value, upper[index] ?? value] as const),
      },
    },
    [...(first > 0 ? [`The last ${count - first} of ${count} values`] : []), ...notes],
  );
};

const draw = async (picture: Picture, context: TaskContext): Promise<void> => {
  const { svg, png } = await sharedPainter.paint(picture, context.signal);
  await context.artifact('forecast.svg', 'image/svg+xml', svg);
  await context.artifact('forecast.png', 'image/png', png);
};

const compute = (
  series: RegularSeries,
  { horizon, level, season_length }: ForecastInput,
  signal: AbortSignal,
): Promise<Forecasted | TooLittle> => {
  const { values, known, step } = series;
  const job = { values, known, horizon, level, season: season_length, suggestedSeasons: calendarSeasons(step) };
  return sharedComputer.run('forecast', { kind: 'forecast', ...job }, signal);
};

/** Forecasts a series by the candidate that did best on its past, and says what that is worth. */
export const forecast = operation({
  name: 'forecast',
  summary:
    'Forecasts a series, with the errors of each candidate and the real coverage of its intervals in a back-test',
  input: ForecastInput,
  example,
  errors: analysisErrors,
  // SQL, numbers and charts have processes of their own: here it only waits for them.
  inline: true,
  handle: async (input, context): Promise<ForecastResult> => {
    const read = await readSeries(input, context);
    const { rows, series } = read;
    if (series === undefined) return tooLittle(read, input, undefined);
    context.progress(30, 'The series has been read');
    const answer = await compute(series, input, context.signal);
    if (answer.kind === 'too_little') return tooLittle(read, input, answer);
    context.progress(80, 'The back-test has run');
    const notes = [...series.notes, ...forecastNotes(answer, input)];
    await draw(pictureOf(input, series, answer, notes), context);
    return {
      verdict: answer.isBetter ? 'better_than_naive' : 'not_better_than_naive',
      reason: reasonFor(answer),
      series: reportOn(series, answer.season),
      model: answer.chosen.model,
      candidates: answer.tested.map(candidateOf),
      back_test: backTestOf(series, answer),
      interval: { level: input.level, measured_coverage: answer.chosen.coverage },
      forecast: rowsOf(series, answer),
      notes,
      ...readingOf(rows),
    };
  },
});
