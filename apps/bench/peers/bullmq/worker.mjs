import { Worker } from 'bullmq';
import { connect, queueName } from './connection.mjs';

const worker = new Worker(queueName, async () => undefined, {
  connection: connect(),
  concurrency: Number(process.env.CONCURRENCY),
});

worker.on('error', (error) => process.stderr.write(`${error.stack}\n`));
await worker.waitUntilReady();
process.stdout.write('ready\n');
