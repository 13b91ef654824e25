import type { Installation } from './installation.js';
import type { Started } from './started.js';
import { reaches, submit, submitEndless, submitMany } from './tasks.js';

/** Of a browser that logs in with the key. */
const cookieOf = async ({ url, key }: Started): Promise<string> => {
  const response = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  return /^[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0] ?? '';
};

export const crashes = (installation: Installation): void => {
  describe('what was accepted', () => {
    const start = () => installation.running();

    it('is there after a restart, with its result', async () => {
      const first = await start();
      const taskId = await submit(first, 'select 6 * 7 as answer');
      await reaches(first, taskId, { status: 'completed' });
      const before = await first.call(`/api/v1/tasks/${taskId}`);
      await first.interrupt();

      const second = await start();
      expect(await second.call(`/api/v1/tasks/${taskId}`)).toEqual(before);
    }, 480_000);

    describe('by a process that is killed', () => {
      let next: Started;
      let cookie: string;
      let asked: string;
      let running: string;
      let last: string;

      beforeAll(async () => {
        const killed = await start();
        cookie = await cookieOf(killed);
        running = await submitEndless(killed);
        await reaches(killed, running, { status: 'running', attempts: 1 });
        asked = await submit(killed, 'select 1 as one');
        last = await submit(killed, 'select 2 as two');
        await killed.kill();
        next = await start();
      }, 240_000);

      it('is answered to the browser that had logged in before', async () => {
        const answer = await fetch(`${next.url}/api/v1/tasks/${asked}?wait=30s`, { headers: { cookie } });
        expect([answer.status, await answer.json()]).toMatchObject([200, { task_id: asked, status: 'completed' }]);
      });

      it('is finished by the next one when it came just before', async () => {
        await reaches(next, last, { status: 'completed' });
      });

      it('is begun again at once when it was running', async () => {
        await reaches(next, running, { status: 'running', attempts: 2 });
        await next.call(`/api/v1/tasks/${running}/cancel`, {});
      });
    });

    it('is finished, all of it, however often the process is killed under load', async () => {
      const accepted: string[] = [];
      for (let round = 0; round < 2; round += 1) {
        const pulser = await start();
        const batches = Array.from({ length: 6 }, (_, batch) =>
          submitMany(
            pulser,
            Array.from({ length: 10 }, (__, n) => `select ${round + batch + n} as n`),
          ),
        );
        const answered = Promise.allSettled(batches);
        // Some batches are answered by then, some are not.
        await Promise.all(batches.slice(0, 2 + round));
        await pulser.kill();
        accepted.push(...(await answered).flatMap((batch) => (batch.status === 'fulfilled' ? batch.value : [])));
      }

      const last = await start();
      for (const taskId of accepted) await reaches(last, taskId, { status: 'completed' });
    }, 300_000);
  });
};
