import { z } from 'zod';

/** Settings of every service that talks to PostgreSQL. */
export const databaseEnv = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('PostgreSQL with pgvector; user pulser_app for the gateway, pulser_service for the other services'),
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(50).default(10).describe('Connections a pool'),
  DATABASE_PREPARE: z
    .enum(['true', 'false'])
    .default('true')
    .transform((value) => value === 'true')
    .describe('Named prepared statements; false behind a pooler in transaction mode'),
};

export type DatabaseSettings = {
  [K in keyof typeof databaseEnv]: z.output<(typeof databaseEnv)[K]>;
};
