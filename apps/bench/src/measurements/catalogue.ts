import { backlog } from './backlog.js';
import { batches } from './batches.js';
import { cpu } from './cpu.js';
import { embedded } from './embedded.js';
import { latency } from './latency.js';
import { layers } from './layers.js';
import type { Measurement } from './measurement.js';
import type { MeasurementName } from './measurement-name.js';
import { memory } from './memory.js';
import { micro } from './micro.js';
import { scaling } from './scaling.js';
import { tenants } from './tenants.js';
import { throughput } from './throughput.js';

/** What each measurement is. */
export const measurements: Readonly<Record<MeasurementName, Measurement>> = {
  throughput,
  cpu,
  batches,
  latency,
  backlog,
  memory,
  scaling,
  tenants,
  layers,
  embedded,
  micro,
};
