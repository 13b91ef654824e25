import { admissionEnv } from '@pulser/context-bus';
import { databaseEnv } from '@pulser/database';
import { amqpEnv } from '@pulser/messaging';
import { BaseEnv, Env } from '@pulser/service-kit';
import { z } from 'zod';

/** Configuration of the router. */
export class RouterEnv extends Env({
  ...BaseEnv,
  ...databaseEnv,
  ...amqpEnv,
  ...admissionEnv,
  RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(30)
    .describe('Days that ended tasks are kept, with their events and files, unless the tenant has its own number'),
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
