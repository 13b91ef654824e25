// Models of the library augurs (WebAssembly): MSTL with an exponential smoothing of the trend, for series with a season,
// and exponential smoothing alone for those without. Its AutoETS is never given a season: on seasonal data it did worse
// than seasonal naive.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { AutoETS, initSync as initEts } from '@bsull/augurs/ets';
import { initSync as initMstl, MSTL } from '@bsull/augurs/mstl';

import type { Predict, Prediction } from './prediction.js';

const require = createRequire(import.meta.url);

// Compiled with the first model of a process, and kept: initSync returns at once when it has run before.
const bytesOf = (name: 'ets' | 'mstl'): Buffer =>
  readFileSync(require.resolve(`@bsull/augurs/${name}`).replace(/\.js$/, '_bg.wasm'));

let isReady = false;

const load = (): void => {
  if (isReady) return;
  initMstl({ module: bytesOf('mstl') });
  initEts({ module: bytesOf('ets') });
  isReady = true;
};

/** Values as the models get them: of mean 0 and deviation 1, where their tolerances fit. */
interface Scale {
  readonly scaled: Float64Array;
  readonly back: (value: number) => number;
}

const scaleOf = (values: readonly number[]): Scale => {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0);
  const deviation = Math.sqrt(variance);
  const unit = deviation > 0 && Number.isFinite(deviation) ? deviation : 1;
  return {
    scaled: Float64Array.from(values, (value) => (value - mean) / unit),
    back: (value) => value * unit + mean,
  };
};

interface Forecast {
  readonly point: number[];
  readonly intervals: { readonly lower: number[]; readonly upper: number[] } | undefined;
}

const predictionOf = ({ point, intervals }: Forecast, { back }: Scale): Prediction => {
  const { lower, upper } = intervals ?? { lower: point, upper: point };
  const prediction = { point: point.map(back), lower: lower.map(back), upper: upper.map(back) };
  if (Object.values(prediction).flat().every(Number.isFinite)) return prediction;
  throw new Error('The model gives no finite numbers');
};

/** @param season in steps, at least 2; needs two whole seasons. @throws when no model can be fitted */
export const mstl =
  (season: number): Predict =>
  (values, horizon, level) => {
    load();
    const scale = scaleOf(values);
    using model = MSTL.ets([season]);
    model.fit(scale.scaled);
    return predictionOf(model.predict(horizon, level), scale);
  };

/** Exponential smoothing without a season; the kinds of error and trend are chosen by AICc. @throws as {@link mstl} */
export const ets: Predict = (values, horizon, level) => {
  load();
  const scale = scaleOf(values);
  using model = new AutoETS(1, 'ZZN');
  model.fit(scale.scaled);
  return predictionOf(model.predict(horizon, level), scale);
};

/**
 * What MSTL expects of each value, knowing those before it and the season of them all.
 * @param season at least 2; needs two whole seasons. @throws as {@link mstl}
 */
export const mstlFitted = (values: readonly number[], season: number): readonly number[] => {
  load();
  const scale = scaleOf(values);
  using model = MSTL.ets([season]);
  model.fit(scale.scaled);
  return model.predictInSample().point.map((value) => scale.back(value));
};
