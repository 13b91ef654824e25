// Which buckets of time an answer has, how long they are, and from which level of the rollups they are read.
import {
  HttpError,
  maxLatencyPoints,
  maxTelemetryPoints,
  type TelemetryLevel,
  type TelemetryStep,
  telemetrySteps,
} from '@pulser/contracts';

import type { TelemetryPresent } from './timelines.js';

/** The buckets of an answer. Times are whole seconds since 1970. */
export interface TelemetryRange {
  readonly fromS: number;
  /** Exclusive: end of the last bucket. */
  readonly toS: number;
  readonly step: TelemetryStep;
  readonly stepS: number;
  readonly level: TelemetryLevel;
  /** Begin of each bucket. */
  readonly times: readonly number[];
  /** Begin of the first bucket that the level has; null when it has the whole range. */
  readonly keptFromS: number | null;
  /** Where reading begins: what the level does not have as a whole is not read. */
  readonly readFromS: number;
  /** Buckets that end by then do not change any more. */
  readonly completeUntilS: number;
}

/** What is asked for, as text that is known to be an instant or a step. */
export interface AskedRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly step?: TelemetryStep | undefined;
}

const usualRangeS = 3_600;
/** A chart without a wish has so many buckets at most: an hour in minutes, a day or three in hours. */
const usualPoints = 72;
/**
 * A statement counts tasks at the time when its transaction began; none takes as long as this, so what is older has been
 * counted.
 */
const settledAfterS = 60;

const steps = Object.keys(telemetrySteps) as TelemetryStep[];

const levelOf = (step: TelemetryStep): TelemetryLevel => {
  const seconds = telemetrySteps[step];
  if (seconds < telemetrySteps['1h']) return 'minute';
  return seconds < telemetrySteps['1d'] ? 'hour' : 'day';
};

const secondsOf = (instant: string): number => Date.parse(instant) / 1_000;

const down = (second: number, step: TelemetryStep): number =>
  Math.floor(second / telemetrySteps[step]) * telemetrySteps[step];

const up = (second: number, step: TelemetryStep): number =>
  Math.ceil(second / telemetrySteps[step]) * telemetrySteps[step];

const pointsOf = (fromS: number, toS: number, step: TelemetryStep): number =>
  (up(toS, step) - down(fromS, step)) / telemetrySteps[step];

const refused = (pointer: string, detail: string): HttpError =>
  new HttpError('invalid_request', { errors: [{ pointer, detail }] });

/** @throws HttpError `invalid_request` */
const checkBounds = ({ from, to }: AskedRange, fromS: number, toS: number, nowS: number): void => {
  if (to !== undefined && from !== undefined && secondsOf(from) >= secondsOf(to))
    throw refused('/from', 'Must be before `to`');
  if (fromS >= toS) throw refused(from === undefined ? '/to' : '/from', `Lies ahead: it is ${instantOf(nowS)} now`);
};

/** The smallest step that gives a chart of the usual size from a level that has all of it, or the best there is. */
const usualStep = (fromS: number, toS: number, knownFromS: TelemetryPresent['knownFromS']): TelemetryStep => {
  const fitting = steps.filter((step) => pointsOf(fromS, toS, step) <= usualPoints + 1);
  const known = fitting.find((step) => knownFromS[levelOf(step)] <= down(fromS, step));
  return known ?? fitting.at(-1) ?? '1d';
};

/** Most buckets of an answer, by its step. */
export type MaxPoints = (step: TelemetryStep) => number;

const usualMaxPoints: MaxPoints = () => maxTelemetryPoints;

/** Of durations. Days are the largest step, so that no range could ask for less. */
export const maxDurationPoints: MaxPoints = (step) => (step === '1d' ? maxTelemetryPoints : maxLatencyPoints);

interface PointLimit {
  readonly max: number;
  /** The smallest step that gives no more, if there is one. */
  readonly fits: TelemetryStep | undefined;
}

/** @throws HttpError `invalid_request` */
const checkPoints = (points: number, step: TelemetryStep, asked: AskedRange, { max, fits }: PointLimit): void => {
  if (points <= max) return;
  const counted = `${points.toLocaleString('en')} buckets of ${step}, of at most ${max.toLocaleString('en')}`;
  const remedy = fits === undefined ? 'ask for less time' : `ask for a step of ${fits} or for less time`;
  throw refused(asked.step === undefined ? '/from' : '/step', `The range has ${counted}: ${remedy}`);
};

/** A second since 1970 as RFC 3339. */
export const instantOf = (second: number): string => new Date(Math.floor(second) * 1_000).toISOString();

/** @throws HttpError `invalid_request` for a range that ends before it begins, lies ahead, or has too many buckets */
export const rangeOf = (
  asked: AskedRange,
  { nowS, knownFromS }: TelemetryPresent,
  maxPoints = usualMaxPoints,
): TelemetryRange => {
  const wantedToS = asked.to === undefined ? nowS : secondsOf(asked.to);
  const toS = Math.min(wantedToS, nowS);
  const fromS = asked.from === undefined ? wantedToS - usualRangeS : secondsOf(asked.from);
  checkBounds(asked, fromS, toS, nowS);
  const step = asked.step ?? usualStep(fromS, toS, knownFromS);
  const points = pointsOf(fromS, toS, step);
  const fits = steps.find((one) => pointsOf(fromS, toS, one) <= maxPoints(one));
  checkPoints(points, step, asked, { max: maxPoints(step), fits });
  const [begin, end, stepS, level] = [down(fromS, step), up(toS, step), telemetrySteps[step], levelOf(step)];
  const keptFromS = knownFromS[level] > begin ? up(knownFromS[level], step) : null;
  return {
    ...{ fromS: begin, toS: end, step, stepS, level },
    times: Array.from({ length: points }, (_, n) => begin + n * stepS),
    keptFromS,
    readFromS: Math.min(end, keptFromS ?? begin),
    completeUntilS: Math.max(begin, Math.min(end, down(nowS - settledAfterS, step))),
  };
};
