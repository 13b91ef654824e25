/** In the order in which they run and are reported. */
export const measurementNames = ['throughput'] as const;

export type MeasurementName = (typeof measurementNames)[number];
