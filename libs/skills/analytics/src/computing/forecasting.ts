// The whole of a forecast as numbers: the season, the back-test of each candidate, the choice, the future. Runs in a process
// of its own: npm packages and relative files only.
import { ets, mstl } from '../models/augurs.js';
import {
  backTest,
  benchmarks,
  type Candidate,
  choose,
  minValues,
  type Origins,
  originsOf,
  type Tested,
  type TestedSeries,
} from '../models/back-test.policy.js';
import { drift, naive, seasonalNaive } from '../models/naive.policy.js';
import type { Prediction } from '../models/prediction.js';
import { type Season, seasonOf } from '../models/season.policy.js';

export interface ForecastJob extends TestedSeries {
  readonly kind: 'forecast';
  readonly horizon: number;
  readonly level: number;
  /** Steps, when the task names them. */
  readonly season: number | undefined;
  /** Lengths that the calendar suggests, in steps. */
  readonly suggestedSeasons: readonly number[];
}

/** Too few values for three origins. */
export interface TooLittle {
  readonly kind: 'too_little';
  readonly season: Season;
  /** Values that a back-test of this horizon takes. */
  readonly needed: number;
}

export interface Forecasted {
  readonly kind: 'forecasted';
  readonly season: Season;
  readonly origins: Origins;
  readonly tested: readonly Tested[];
  readonly chosen: Tested;
  /** True when a model beat the naive forecasts. */
  readonly isBetter: boolean;
  readonly prediction: Prediction;
}

/** The first is the one that the others have to beat. */
const candidatesFor = (season: number): readonly [Candidate, ...Candidate[]] =>
  season > 1
    ? [
        { model: 'seasonal_naive', predict: seasonalNaive(season) },
        { model: 'naive', predict: naive },
        { model: 'drift', predict: drift },
        { model: 'mstl', predict: mstl(season) },
      ]
    : [
        { model: 'naive', predict: naive },
        { model: 'drift', predict: drift },
        { model: 'ets', predict: ets },
      ];

const predicted = (job: ForecastJob, candidates: readonly Candidate[], chosen: Tested): Prediction => {
  const predict = candidates.find(({ model }) => model === chosen.model)?.predict ?? naive;
  return predict(job.values, job.horizon, job.level);
};

/** Forecasts a series by the candidate that did best on its past. */
export const forecasted = (job: ForecastJob): Forecasted | TooLittle => {
  const season = seasonOf(job.values, job.suggestedSeasons, job.season);
  const origins = originsOf(job.values.length, season.length, job.horizon);
  if (origins === undefined) return { kind: 'too_little', season, needed: minValues(season.length, job.horizon) };
  const candidates = candidatesFor(season.length);
  const test = (one: Candidate): Tested => backTest(job, origins, season.length, job.level, one);
  const [first, ...others] = candidates;
  const tested: readonly [Tested, ...Tested[]] = [test(first), ...others.map(test)];
  const chosen = choose(tested);
  const isBetter = !benchmarks.includes(chosen.model);
  return {
    kind: 'forecasted',
    season,
    origins,
    tested,
    chosen,
    isBetter,
    prediction: predicted(job, candidates, chosen),
  };
};
