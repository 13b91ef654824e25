import type { Measurement } from './measurement.js';
import type { MeasurementName } from './measurement-name.js';
import { throughput } from './throughput.js';

/** What each measurement is. */
export const measurements: Record<MeasurementName, Measurement> = {
  throughput,
};
