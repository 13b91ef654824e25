import { eventually } from '@pulser/testing';

import { reaches, submit, submitEndless } from './tasks.js';
import { type Installation, shutdownTimeoutS } from './installation.js';
import type { Started } from './started.js';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export const signals = (installation: Installation): void => {
  describe('a signal', () => {
    let pulser: Started;
    let startedAt: number;

    const secondsSinceSignal = (): number => (performance.now() - startedAt) / 1_000;

    beforeEach(async () => {
      pulser = await installation.running();
      startedAt = performance.now();
    }, 360_000);

    it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it with 0 at once when nothing runs', async (signal) => {
      const { code, stderr } = await pulser.interrupt(signal);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('signal') as string });
      expect(secondsSinceSignal()).toBeLessThan(shutdownTimeoutS / 2);
    });

    it('gives running tasks their time and ends with 0 all the same', async () => {
      const taskId = await submitEndless(pulser);
      await reaches(pulser, taskId, { status: 'running' });
      startedAt = performance.now();

      process.kill(-pulser.launcherPid, 'SIGINT');
      await eventually(() => {
        expect(pulser.errorText).toContain(`Stopping: waiting up to ${shutdownTimeoutS} s for running tasks`);
      });
      expect(await pulser.ended()).toMatchObject({ code: 0 });
      expect(secondsSinceSignal()).toBeGreaterThan(shutdownTimeoutS / 2);

      const next = await installation.running();
      await reaches(next, taskId, { status: 'running', attempts: 1 });
      await next.call(`/api/v1/tasks/${taskId}/cancel`, {});
      await reaches(next, taskId, { status: 'cancelled' });
    }, 240_000);

    it('that comes twice in one moment, from the terminal and from npm, counts once', async () => {
      const taskId = await submit(pulser, 'select count(*) from range(400000000) where range % 7 = 1');
      await reaches(pulser, taskId, { status: 'running' });
      process.kill(pulser.launcherPid, 'SIGINT');

      expect(await pulser.interrupt()).toMatchObject({ code: 0 });
      await reaches(await installation.running(), taskId, { status: 'completed', attempts: 1 });
    }, 240_000);

    it('a second time ends it at once', async () => {
      const taskId = await submitEndless(pulser);
      await reaches(pulser, taskId, { status: 'running' });
      process.kill(pulser.launcherPid, 'SIGINT');
      const { serverPid } = pulser;
      startedAt = performance.now();
      await eventually(
        () => {
          if (isAlive(pulser.launcherPid)) process.kill(pulser.launcherPid, 'SIGINT');
          expect(isAlive(serverPid)).toBe(false);
        },
        { everyMs: 300 },
      );

      expect((await pulser.ended()).code).not.toBe(0);
      expect(secondsSinceSignal()).toBeLessThan(shutdownTimeoutS / 2);
      // It would go on at the next start, and hold up every stop from then on.
      const next = await installation.running();
      await next.call(`/api/v1/tasks/${taskId}/cancel`, {});
      await reaches(next, taskId, { status: 'cancelled' });
    }, 240_000);

    it('that nobody can pass on leaves no process behind', async () => {
      const { serverPid } = pulser;
      process.kill(pulser.launcherPid, 'SIGKILL');
      await eventually(() => {
        expect(isAlive(serverPid)).toBe(false);
      });
      await pulser.ended();
    });
  });
};
