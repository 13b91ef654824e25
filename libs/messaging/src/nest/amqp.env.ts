import { z } from 'zod';

/** Settings of every service that talks to RabbitMQ. */
export const amqpEnv = {
  AMQP_URL: z
    .url({ protocol: /^amqps?$/ })
    .describe('RabbitMQ 4.3 or later; older ones work with queues that are not replicated'),
  AMQP_NAMESPACE: z
    .string()
    .regex(/^[\w-]{0,40}$/)
    .default('')
    .describe('Put before the name of every exchange and queue, for several installations on one virtual host'),
};
