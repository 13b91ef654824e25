import { z } from 'zod';

export const priorities = ['high', 'medium', 'low'] as const;

export const Priority = z.enum(priorities);
export type Priority = z.infer<typeof Priority>;

/** AMQP message priority. Always set: RabbitMQ 4.3 treats an unset priority as 4, older versions as 0. */
export const amqpPriority = { high: 9, medium: 5, low: 1 } as const satisfies Record<Priority, number>;
