import { admissionEnv, contentEnv } from '@pulser/context-bus';
import { AgentName } from '@pulser/contracts';
import { databaseEnv } from '@pulser/database';
import { embeddingEnv } from '@pulser/embedding';
import { amqpEnv } from '@pulser/messaging';
import { BaseEnv, Env } from '@pulser/service-kit';
import { z } from 'zod';

const Objective = z.tuple([AgentName, z.coerce.number().min(0.1).max(86_400)]);

const objectivesIn = (text: string, context: z.RefinementCtx): Readonly<Record<AgentName, number>> => {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  const parsed = z.array(Objective).safeParse(parts.map((part) => part.trim().split('=')));
  if (parsed.success) return Object.fromEntries(parsed.data);
  context.addIssue('must be like maya=2,arkie=60, with seconds from 0.1 to 86400');
  return z.NEVER;
};

/** Configuration of the router. */
export class RouterEnv extends Env({
  ...BaseEnv,
  ...databaseEnv,
  ...amqpEnv,
  ...admissionEnv,
  ...embeddingEnv,
  MEMORY_INDEX: z
    .stringbool()
    .default(true)
    .describe(
      'Whether embedding models get an HNSW index, which tenants with more than 10,000 vectors are searched by',
    ),
  ...contentEnv,
  RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(30)
    .describe('Days that ended tasks are kept, with their events and files, unless the tenant has its own number'),
  DATASET_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .default(90)
    .describe('Days that a version of a dataset is kept when it is not the latest one'),
  UPLOAD_RETENTION_HOURS: z.coerce
    .number()
    .int()
    .min(1)
    .max(87_600)
    .default(72)
    .describe('Hours that an upload is kept after it was last used'),
  APPROVAL_LATE_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(7_776_000)
    .default(14_400)
    .describe('Seconds after which an approval that nobody has decided counts as late, which alerts'),
  ROLLUP_MINUTES_KEPT_HOURS: z.coerce
    .number()
    .int()
    .min(2)
    .max(8_760)
    .default(48)
    .describe('Hours that rollups of tasks by minute are kept'),
  ROLLUP_HOURS_KEPT_DAYS: z.coerce
    .number()
    .int()
    .min(2)
    .max(3_650)
    .default(60)
    .describe('Days that rollups of tasks by hour are kept'),
  ROLLUP_DAYS_KEPT_DAYS: z.coerce
    .number()
    .int()
    .min(2)
    .max(36_500)
    .default(730)
    .describe('Days that rollups of tasks by day are kept'),
  SWEEP_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(1_000)
    .default(500)
    .describe('Milliseconds between two rounds of the router for tasks whose time has come'),
  PRIORITY_AGING_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('Seconds after which a waiting task is let past newer ones of higher priority, one in ten of these')
    .meta({ formerly: 'AGEING_S' }),
  WINDOW_S: z.coerce
    .number()
    .min(0.5)
    .max(60)
    .default(3)
    .describe("Seconds of an agent's work that are kept in its queue; the rest waits in the database"),
  WINDOW_MAX: z.coerce.number().int().min(100).max(100_000).default(20_000).describe('Most messages in a queue'),
  WAIT_OBJECTIVE_S: z.coerce
    .number()
    .min(0.1)
    .max(86_400)
    .default(10)
    .describe('Seconds that a task may wait for a slot: more workers are asked for when the oldest waits for longer'),
  WAIT_OBJECTIVES: z
    .string()
    .default('')
    .transform(objectivesIn)
    .describe('The same for agents with objectives of their own, as name=seconds: maya=2,arkie=60'),
  DEAD_LETTER_ALERT_COUNT: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(50)
    .describe(
      'When more new dead letters of one task type than this arrive in a window, the router publishes an alert',
    ),
  DEAD_LETTER_ALERT_WINDOW_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('Seconds in which new dead letters are counted; at most one alert per window'),
}) {}
