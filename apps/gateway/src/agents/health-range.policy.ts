import {
  type AgentHealthQuery,
  HttpError,
  maxTelemetryPoints,
  type TelemetryStep,
  telemetrySteps,
} from '@pulser/contracts';

/** What of the history is read. */
export interface HealthRange {
  readonly from: Date;
  readonly to: Date;
  readonly step: TelemetryStep;
  readonly stepS: number;
  /** Of the rows; minutes are kept for less long than hours. */
  readonly level: 'minute' | 'hour';
}

const hourMs = 3_600_000;
/** Steps that a chart shows well. */
const usualPoints = 200;

const points = (lengthMs: number, step: TelemetryStep): number => lengthMs / (telemetrySteps[step] * 1_000);

/** @param now milliseconds since 1970 @throws HttpError `invalid_request` */
export const healthRangeOf = ({ from, to, step }: AgentHealthQuery, now: number): HealthRange => {
  const end = to === undefined ? now : Date.parse(to);
  const begin = from === undefined ? end - hourMs : Date.parse(from);
  if (begin >= end) throw refusal('`from` must lie before `to`');
  const length = end - begin;
  const names = Object.keys(telemetrySteps) as TelemetryStep[];
  const chosen = step ?? names.find((name) => points(length, name) <= usualPoints) ?? '1d';
  if (points(length, chosen) > maxTelemetryPoints)
    throw refusal(`The range has more than ${maxTelemetryPoints} steps of ${chosen}: ask for less, or in longer steps`);
  const stepS = telemetrySteps[chosen];
  return { from: new Date(begin), to: new Date(end), step: chosen, stepS, level: stepS < 3_600 ? 'minute' : 'hour' };
};

const refusal = (detail: string): HttpError => new HttpError('invalid_request', { detail });
