import { Redis } from 'ioredis';

export const queueName = 'tasks';

/** Commands of one turn of the event loop travel together. BullMQ asks for null: its commands wait for Redis to return. */
export const connect = () =>
  new Redis({
    host: '127.0.0.1',
    port: Number(process.env.REDIS_PORT),
    maxRetriesPerRequest: null,
    enableAutoPipelining: true,
  });
