// BullMQ: `node bullmq.mjs front|worker`.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const queueName = 'tasks';

// Commands of one turn of the event loop travel together. BullMQ requires null: its commands wait for Redis to return.
const connection = new Redis({
  host: '127.0.0.1',
  port: Number(process.env.REDIS_PORT),
  maxRetriesPerRequest: null,
  enableAutoPipelining: true,
});

async function front() {
  const { serve } = await import('./http.mjs');
  const queue = new Queue(queueName, { connection });
  await queue.waitUntilReady();
  await serve({
    id: { type: 'string', pattern: '^[0-9]+$' },
    submit: async (task) => (await queue.add('task', task)).id,
    statusOf: async (id) => {
      const state = await queue.getJobState(id);
      return state === 'unknown' ? undefined : state;
    },
  });
}

async function worker() {
  const started = new Worker(queueName, async () => undefined, {
    connection,
    concurrency: Number(process.env.CONCURRENCY),
  });
  started.on('error', (error) => process.stderr.write(`${error.stack}\n`));
  await started.waitUntilReady();
  process.stdout.write('ready\n');
}

await { front, worker }[process.argv[2]]();
