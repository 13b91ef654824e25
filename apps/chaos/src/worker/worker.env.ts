import { Env } from '@pulser/service-kit';
import { z } from 'zod';

/** What the chaos worker needs beside the settings of every worker. */
export class WorkerEnv extends Env({
  CHAOS_OUTSIDE_URL: z.url().describe('PostgreSQL that holds the schema "chaos", the system outside'),
}) {}
