import { admissionEnv, contentEnv, secretsEnv, storedTraceEnv } from '@pulser/context-bus';
import { databaseEnv } from '@pulser/database';
import { embeddingEnv } from '@pulser/embedding';
import { modelsEnv } from '@pulser/models';
import { amqpEnv } from '@pulser/messaging';
import { outgoingEnv } from '@pulser/outgoing';
import { BaseEnv, Env } from '@pulser/service-kit';
import { z } from 'zod';

import { usualSizes } from '../skills/payload-and-result.js';

/** Settings of every agent's worker. */
export const agentEnv = {
  ...BaseEnv,
  ...databaseEnv,
  ...amqpEnv,
  ...embeddingEnv,
  ...contentEnv,
  ...secretsEnv,
  ...storedTraceEnv,
  ...admissionEnv,
  ...modelsEnv,
  AGENT_TOKEN: z
    .string()
    .min(20)
    .optional()
    .describe('Token that `agents admit` printed, for an agent that does not come with Pulser'),
  CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(4).describe('Tasks that run at the same time'),
  LEASE_S: z.coerce
    .number()
    .int()
    .min(3)
    .max(3_600)
    .default(30)
    .describe('Seconds after which a task of a worker that says nothing more is given to another'),
  HANDLER_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(16)
    .default(512)
    .describe('Megabytes of JavaScript objects that the handler of a task may hold in its thread'),
  RESULT_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .default(usualSizes.resultMaxBytes)
    .describe('Largest result, as JSON'),
  ARTIFACT_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .default(usualSizes.artifactMaxBytes)
    .describe('Largest artifact'),
  ...outgoingEnv,
};

/** Configuration of an agent's worker. */
export class AgentEnv extends Env(agentEnv) {}
