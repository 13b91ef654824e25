import { z } from 'zod';

export const Table = z.object({
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  /** What a reader must know of it, a paragraph each. */
  notes: z.array(z.string()),
});
export type Table = z.infer<typeof Table>;

/** What a measurement found. */
export const Finding = z.object({
  tables: z.array(Table),
  /** Medians, for the chart. */
  bars: z.array(z.object({ name: z.string(), perSecond: z.number() })).optional(),
  /** What went wrong; the run has failed then. */
  failures: z.array(z.string()),
});
export type Finding = z.infer<typeof Finding>;

/** All that a run found, by measurement. */
export const RunResult = z.object({
  at: z.string(),
  machine: z.record(z.string(), z.string()),
  findings: z.record(z.string(), Finding),
});
export type RunResult = z.infer<typeof RunResult>;
