import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from '@pulser/testing';

import { rabbit } from './brokers.js';
import { CuttableBroker } from './cuttable-broker.js';
import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

describe('a cancellation', () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cancellation-'));
  });

  beforeEach(() => {
    file = join(folder, String(Math.random()));
  });

  afterAll(() => rm(folder, { recursive: true }));

  const says = (text: string): Promise<void> =>
    eventually(async () => {
      expect(await readFile(file, 'utf8')).toBe(text);
    });

  const listening = async (worker: Worker): Promise<string> => {
    const { taskId } = await worker.run({ operation: 'listen', file }, 'running');
    await says('listening');
    return taskId;
  };

  const heard = (): Promise<void> => says('LeaseLost: The task was taken away from this worker');

  it('reaches the signal of a handler in a thread through RabbitMQ, with its reason', async () => {
    const worker = await Worker.start({ LEASE_S: '600' }, threadedSkill, rabbit());
    const taskId = await listening(worker);
    await worker.cancel(taskId);
    await heard();
    await worker.stop();
  });

  it('is found out while the broker is away, long before the lease is renewed otherwise', async () => {
    const broker = await CuttableBroker.start();
    const worker = await Worker.start({ LEASE_S: '600' }, threadedSkill, rabbit(broker.url));
    const taskId = await listening(worker);
    await broker.cut();
    await worker.cancelUnheard(taskId);
    await heard();
    await worker.stop();
  });

  it('missed by the worker is found out when its broker is back', async () => {
    const broker = await CuttableBroker.start();
    const worker = await Worker.start({ LEASE_S: '600' }, threadedSkill, rabbit(broker.url));
    const taskId = await listening(worker);
    await worker.cancelUnheard(taskId);
    const mend = await broker.cut();
    await mend();
    await heard();
    await worker.stop();
    await broker.cut();
  });
});
