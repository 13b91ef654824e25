import { accessSync, constants } from 'node:fs';

import { z } from 'zod';

const isReadable = (file: string): boolean => {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** Settings of every service that talks to RabbitMQ. */
export const amqpEnv = {
  AMQP_URL: z
    .url({ protocol: /^amqps?$/ })
    .describe('RabbitMQ 4.3 or later; older ones work with queues that are not replicated'),
  AMQP_CA_FILE: z
    .string()
    .refine((file) => file === '' || isReadable(file), 'is not a file that can be read')
    .default('')
    .describe('PEM file with the authority behind the certificate of an amqps:// broker; by default those Node knows'),
  AMQP_NAMESPACE: z
    .string()
    .regex(/^[\w-]{0,40}$/)
    .default('')
    .describe('Put before the name of every exchange and queue, for several installations on one virtual host'),
};
