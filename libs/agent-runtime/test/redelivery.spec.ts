import { eventually } from '@pulser/testing';

import { rabbit } from './brokers.js';
import { CuttableBroker } from './cuttable-broker.js';
import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

describe('a message that comes again after a broken connection, while its task runs here', () => {
  let broker: CuttableBroker;
  let worker: Worker;

  const start = async (concurrency: number): Promise<void> => {
    broker = await CuttableBroker.start();
    worker = await Worker.start({ CONCURRENCY: String(concurrency) }, threadedSkill, rabbit(broker.url));
  };

  afterEach(async () => {
    await worker.stop();
    await broker.cut();
  });

  it('stops the attempt whose place it takes at once', async () => {
    await start(2);
    const { taskId } = await worker.run({ operation: 'wait' }, 'running');
    const mend = await broker.cut();
    await mend();
    await eventually(async () => {
      expect(await worker.reads.find(worker.tenantId, taskId)).toMatchObject({ status: 'running', attempts: 2 });
      expect(await worker.metrics()).toMatch(/outcome="lost"\} 1/);
    });
  });

  it('waits for a slot: there is never one handler more', async () => {
    await start(1);
    const { taskId } = await worker.run({ operation: 'deaf', ms: 3_000 }, 'running');
    const mend = await broker.cut();
    await mend();
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ attempts: 1 });
    expect(await worker.metrics()).toMatch(/^pulser_handler_threads(\{.*\})? 1$/m);
  });
});
