// What is computed in a process of its own, by kind. Loaded on both sides: npm packages and relative files only.
import type { AnomaliesFound, AnomaliesJob } from './finding.js';
import type { Forecasted, ForecastJob, TooLittle } from './forecasting.js';
import type { Printed, PrintJob } from '../print/printing.js';

/** What each kind of order gives. */
export interface Computations {
  readonly forecast: { readonly job: ForecastJob; readonly answer: Forecasted | TooLittle };
  readonly anomalies: { readonly job: AnomaliesJob; readonly answer: AnomaliesFound };
  readonly print: { readonly job: PrintJob; readonly answer: Printed };
}

export type Kind = keyof Computations;

/** What the process answers. */
export type Reply<K extends Kind> = { readonly answer: Computations[K]['answer'] } | { readonly failure: string };
