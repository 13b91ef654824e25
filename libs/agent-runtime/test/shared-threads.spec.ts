import { SharedResources } from '@pulser/service-kit';

import { HandlerThreadPool } from '../src/index.js';
import { inProcess } from './brokers.js';
import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

const slots = 4;
const maxThreads = 3;

describe('two agents in one process that shares its threads', () => {
  let pool: HandlerThreadPool;
  let workers: Worker[];

  beforeEach(async () => {
    pool = new HandlerThreadPool({ maxThreads, memoryMb: 64 });
    const host = new SharedResources().provide(HandlerThreadPool, pool);
    workers = [];
    for (const agent of ['dash', 'echo'] as const) {
      workers.push(await Worker.start({ CONCURRENCY: String(slots) }, threadedSkill, inProcess(host), agent));
    }
  });

  afterEach(async () => {
    for (const worker of workers) await worker.stop();
    await pool.close();
  });

  const start = (worker: Worker, payloads: Record<string, unknown>[], task = {}): Promise<string[]> =>
    Promise.all(
      payloads.map(async (payload) => {
        const taskId = await worker.submit(payload, task);
        await worker.dispatch(taskId);
        return taskId;
      }),
    );

  it('run more tasks at once than there are threads, and never hold one thread more', async () => {
    const sizes = new Set<number>();
    const sampling = setInterval(() => sizes.add(pool.size), 5);
    const payloads = Array.from({ length: slots }, () => ({ operation: 'deaf', ms: 200 }));
    const started = await Promise.all(workers.map((worker) => start(worker, payloads)));
    for (const [index, worker] of workers.entries()) {
      for (const taskId of started[index] ?? []) {
        expect(await worker.reaches(taskId, 'completed')).toMatchObject({ attempts: 1 });
      }
    }
    clearInterval(sampling);
    expect(Math.max(...sizes)).toBe(maxThreads);
    const counts = await Promise.all(workers.map((worker) => worker.metrics()));
    // The first speaks for the process, so that the sum is right.
    expect(counts.map((text) => /^pulser_handler_threads(?:\{.*\})? (\d+)/m.exec(text)?.[1])).toEqual(['3', '0']);
  });

  it('free the threads of handlers that ignore their cancellation, for those of the other agent that wait', async () => {
    const [dash, echo] = workers as [Worker, Worker];
    const spinning = await start(dash, Array(maxThreads).fill({ operation: 'spin' }) as Record<string, unknown>[]);
    for (const taskId of spinning) await dash.reaches(taskId, 'running');
    const waiting = await start(echo, [{ operation: 'echo', value: 1 }]);
    // It holds its lease while it waits for a thread.
    await echo.reaches(waiting[0] ?? '', 'running');
    for (const taskId of spinning) await dash.cancel(taskId);
    expect(await echo.reaches(waiting[0] ?? '', 'completed')).toMatchObject({ attempts: 1 });
  });

  it('stop one by one: threads of the other go on', async () => {
    const [dash, echo] = workers as [Worker, Worker];
    const [spinning = ''] = await start(dash, [{ operation: 'spin' }]);
    const [deaf = ''] = await start(echo, [{ operation: 'deaf', ms: 4_000 }]);
    await dash.reaches(spinning, 'running');
    await echo.reaches(deaf, 'running');
    await dash.service.close();
    expect(await dash.reads.find(dash.tenantId, spinning)).toMatchObject({ status: 'queued', attempts: 0 });
    expect(await echo.reaches(deaf, 'completed')).toMatchObject({ attempts: 1 });
  });
});
