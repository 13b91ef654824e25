// What the operation `load_test` takes and gives.
import { z } from 'zod';

import { Headers } from '../targets/header-values.js';

const isTarget = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
};

const TargetUrl = z
  .string()
  .max(4_000)
  .refine(isTarget, 'An http or https URL without user name and password')
  .transform((text) => new URL(text));

export const LoadTestInput = z.strictObject({
  operation: z.literal('load_test'),
  url: TargetUrl,
  method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
  headers: Headers.default({}),
  body: z.string().max(100_000).optional(),
  rate_per_s: z.int().min(1).max(100_000).default(50).meta({ description: 'At most OUTGOING_LOAD_MAX_RATE' }),
  connections: z.int().min(1).max(1_000).default(10).meta({ description: 'At most OUTGOING_LOAD_MAX_CONNECTIONS' }),
  seconds: z.int().min(1).max(3_600).default(10).meta({ description: 'At most OUTGOING_LOAD_MAX_S' }),
  expect: z
    .strictObject({
      p95_ms: z.number().positive().optional(),
      p99_ms: z.number().positive().optional(),
      max_error_share: z.number().min(0).max(1).optional().meta({ description: 'Of all requests: no answer, or 5xx' }),
    })
    .default({}),
});
export type LoadTestInput = z.output<typeof LoadTestInput>;

const Percentiles = z.object({
  min: z.number(),
  p50: z.number(),
  p75: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
  p99_9: z.number(),
  max: z.number(),
  mean: z.number(),
});
export type Percentiles = z.infer<typeof Percentiles>;

export const LoadTestResult = z.object({
  passed: z.boolean(),
  summary: z.string(),
  requests: z.object({
    sent: z.int(),
    answered: z.int(),
    by_status: z.record(z.string(), z.int()),
    errors: z.int().meta({ description: 'Connections that failed or broke' }),
    timeouts: z.int(),
    cut_off: z.int().meta({ description: 'Not answered yet when the time was over' }),
  }),
  seconds: z.number(),
  rate_per_s: z.object({ asked: z.number(), answered: z.number() }),
  bytes_read: z.int(),
  /** From the first byte of the request to the last of the answer; null: nothing was answered. */
  latency_ms: Percentiles.nullable(),
  checks: z.array(z.object({ what: z.string(), passed: z.boolean(), found: z.number().nullable() })),
  stopped_early: z.string().optional(),
  notes: z.array(z.string()),
  artifacts: z.array(z.string()),
});
export type LoadTestResult = z.infer<typeof LoadTestResult>;

export const loadTestExample: z.input<typeof LoadTestInput> = {
  operation: 'load_test',
  url: 'https://staging.example.com/health',
  rate_per_s: 20,
  connections: 5,
  seconds: 10,
  expect: { p95_ms: 300, max_error_share: 0.01 },
};
