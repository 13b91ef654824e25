/** In the order in which they run and are reported. */
export const measurementNames = [
  'throughput',
  'cpu',
  'batches',
  'latency',
  'backlog',
  'memory',
  'scaling',
  'tenants',
  'layers',
  'embedded',
  'micro',
] as const;

export type MeasurementName = (typeof measurementNames)[number];
