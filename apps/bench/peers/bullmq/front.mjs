import { Queue } from 'bullmq';
import { serve } from '../http/serve.mjs';
import { connect, queueName } from './connection.mjs';

const queue = new Queue(queueName, { connection: connect() });

await queue.waitUntilReady();
await serve({
  id: { type: 'string', pattern: '^[0-9]+$' },
  submit: async (task) => (await queue.add('task', task)).id,
  statusOf: async (id) => {
    const state = await queue.getJobState(id);
    return state === 'unknown' ? undefined : state;
  },
});
