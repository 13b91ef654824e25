// What a forecast says in words.
import type { Tested } from '../models/back-test.policy.js';
import type { Forecasted, TooLittle } from '../computing/forecasting.js';

/** Three digits say enough of an error. */
const digits = (value: number | null): string => (value === null ? 'none' : String(Number(value.toPrecision(3))));

const named = ({ model }: Tested): string => model.replaceAll('_', ' ');

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const isNaive = ({ model }: Tested): boolean => model === 'seasonal_naive' || model === 'naive' || model === 'drift';

const bestOf = (tested: readonly Tested[]): Tested | undefined =>
  tested
    .filter(({ mae }) => mae !== null)
    .reduce<Tested | undefined>((best, one) => ((one.mae ?? 0) < (best?.mae ?? Infinity) ? one : best), undefined);

/** Why this model, with the figures of the back-test. */
export const reasonFor = ({ chosen, tested, origins, isBetter }: Forecasted): string => {
  const from = `from ${origins.lengths.length} points of the past`;
  if (isBetter) {
    const simple = bestOf(tested.filter(isNaive));
    const other =
      simple === undefined ? '' : ` against ${digits(simple.mae)} of ${named(simple)}, the best naive forecast`;
    return `${named(chosen)} had a mean absolute error of ${digits(chosen.mae)}${other}, ${from}; that is more than chance`;
  }
  const model = bestOf(tested.filter((one) => !isNaive(one)));
  const rival = model === undefined ? 'no model could be fitted' : `${named(model)} had ${digits(model.mae)}`;
  return `${named(chosen)} had a mean absolute error of ${digits(chosen.mae)} and ${rival}, ${from}: no model was better by more than chance`;
};

/** How many values a back-test would take. */
export const tooLittleReason = (count: number, horizon: number, answer: TooLittle | undefined): string => {
  if (answer === undefined)
    return `The series has ${count === 1 ? '1 value' : `${count} values`}: too few to find its step`;
  const { length } = answer.season;
  const season = length > 1 ? ` with a season of ${length} steps` : '';
  return `The series has ${count} values, and a back-test of ${horizon} steps${season} takes ${answer.needed}: forecast fewer steps, or name a shorter season_length`;
};

/** Beyond this the intervals promise more than they hold. */
const noticeable = 0.05;

/** Below it a season is hardly one. */
const weak = 0.1;

const coverageNote = ({ chosen }: Forecasted, level: number): string[] => {
  if (chosen.coverage === null || Math.abs(chosen.coverage - level) < noticeable) return [];
  const how = chosen.coverage < level ? 'too narrow' : 'too wide';
  return [
    `The ${percent(level)} intervals held ${percent(chosen.coverage)} of the true values in the back-test: they are ${how}`,
  ];
};

const seasonNote = ({ season }: Forecasted): string[] => {
  if (season.source === 'calendar' && season.strength !== null && season.strength < weak) {
    return [
      `A season of ${season.length} steps explains ${percent(season.strength)} of what the trend leaves: hardly a season`,
    ];
  }
  return season.source === 'none' ? ['No season was found'] : [];
};

const failureNote = ({ tested }: Forecasted): string[] =>
  tested.flatMap((one) => (one.failure === undefined ? [] : [`${named(one)} could not be fitted: ${one.failure}`]));

/** What a reader must know beside the figures. */
export const forecastNotes = (answer: Forecasted, { level }: { readonly level: number }): string[] => [
  ...coverageNote(answer, level),
  ...seasonNote(answer),
  ...failureNote(answer),
];
