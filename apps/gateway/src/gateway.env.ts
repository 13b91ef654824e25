import { admissionEnv, rateLimitEnv } from '@pulser/context-bus';
import { databaseEnv } from '@pulser/database';
import { amqpEnv } from '@pulser/messaging';
import { BaseEnv, Env, PublicEnv } from '@pulser/service-kit';
import { z } from 'zod';

import { jwtEnv } from './access/jwt.env.js';

export class GatewayEnv extends Env({
  ...BaseEnv,
  ...PublicEnv,
  ...databaseEnv,
  ...amqpEnv,
  ...admissionEnv,
  ...rateLimitEnv,
  ...jwtEnv,
  EVENT_STREAM_HEARTBEAT_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(60)
    .default(15)
    .describe('Seconds without an event after which an event stream sends a comment'),
}) {}
