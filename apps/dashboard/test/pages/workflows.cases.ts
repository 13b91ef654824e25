import type { RunView } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { describePage, everyLook, openDashboard, sharedPulser, sharedScene } from '../dashboard-harness.js';
import { ended } from '../scene.js';

const slow = 300_000;

describePage('workflows', () => {
  it(
    'are listed with their runs, drawn, and run from the page; a part of a run is done again',
    async () => {
      const { run } = await sharedScene();
      const open = await openDashboard({ path: '/workflows' });
      const { page } = open;
      await page.getByRole('link', { name: 'sample', exact: true }).click();
      await page.getByRole('heading', { name: 'sample' }).waitFor();
      await page.getByRole('group', { name: 'Graph of the steps' }).waitFor();
      await page.getByText('A run submits 2 tasks.').waitFor();
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.waitForURL(/\/tasks\/[\da-f-]{36}/);

      await open.goTo(`/runs/${run}`);
      const second = page.getByRole('row').filter({ hasText: 'second' });
      await second.getByText('completed', { exact: true }).waitFor();
      await second.getByRole('button', { name: 'From here' }).click();
      await page.waitForURL(/\/tasks\/[\da-f-]{36}/);
      const again = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      expect(await ended(await sharedPulser(), again)).toBe('completed');
      await page.getByRole('link', { name: 'Its steps' }).click();
      await page.getByRole('row').filter({ hasText: 'first' }).getByText('completed, kept').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'wait for a signal, which the page of the run sends',
    async () => {
      const pulser = await sharedPulser();
      const definition = { steps: [{ name: 'gate', wait: { signal: 'approved' } }] };
      await pulser.send('/api/v1/workflows/gated', JSON.stringify(definition), 'application/json');
      const payload = { operation: 'run', workflow: 'gated' };
      const run = await pulser.submit({ task_type: 'orchestration', payload });
      const open = await openDashboard({ path: '/workflows/gated' });
      const { page } = open;
      await page.getByText('It waits for approved.').waitFor();
      await eventually(async () => {
        const { steps } = await pulser.call<RunView>(`/api/v1/runs/${run}`);
        expect(steps).toMatchObject([{ status: 'running', signal: 'approved' }]);
      });
      await open.goTo(`/runs/${run}`);
      await page.getByRole('row').filter({ hasText: 'gate' }).getByRole('button', { name: 'Send it' }).click();
      expect(await ended(pulser, run)).toBe('completed');
      await page.getByRole('row').filter({ hasText: 'gate' }).getByText('completed', { exact: true }).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'are drawn with what is in their steps, fold by hand and above a hundred, and differ from version to version',
    async () => {
      const pulser = await sharedPulser();
      const put = (name: string, steps: readonly object[]) =>
        pulser.send(`/api/v1/workflows/${name}`, JSON.stringify({ steps }), 'application/json');
      const query = (name: string, more: object = {}) => ({
        ...{ name, task_type: 'analytics', payload: { operation: 'query', sql: 'select 1 as one', sources: [] } },
        ...more,
      });
      await put('inner', [query('left'), query('right', { needs: ['left'] })]);
      const each = query('each', { map: { over: [1, 2, 3] } });
      await put('outer', [each]);
      await put('outer', [each, { name: 'report', needs: ['each'], workflow: 'inner' }]);
      const payload = { operation: 'run', workflow: 'outer' };
      const run = await pulser.submit({ task_type: 'orchestration', payload });
      expect(await ended(pulser, run)).toBe('completed');

      const open = await openDashboard({ path: `/runs/${run}` });
      const { page } = open;
      const graph = page.getByRole('group', { name: 'Graph of the steps' });
      await graph.getByRole('link', { name: 'report' }).waitFor();
      await graph.getByRole('link', { name: 'right' }).waitFor();
      await graph.getByText('3 of 3').waitFor();
      expect(await graph.getByRole('img', { name: 'completed' }).count()).toBe(4);
      await graph.getByRole('link', { name: 'each' }).click();
      const tasks = page.getByRole('region', { name: 'Tasks of each' });
      await tasks.getByRole('row').filter({ hasText: 'completed' }).last().getByRole('link').waitFor();
      expect(new URL(page.url()).search).toBe('?step=each');
      const fold = graph.getByRole('button', { name: 'What is in report' });
      await fold.press('Enter');
      await graph.getByRole('link', { name: 'right' }).waitFor({ state: 'detached' });
      expect(await fold.getAttribute('aria-expanded')).toBe('false');
      expect(await open.faultsOn(everyLook.slice(0, 2), 'run-graph')).toEqual([]);

      await open.goTo('/workflows/outer');
      await page.getByRole('link', { name: 'Compare with version 1' }).click();
      const changes = page.getByRole('region', { name: 'From version 1 to version 2' });
      await changes.getByRole('row').filter({ hasText: 'report' }).getByText('added').waitFor();
      expect(await open.axe()).toEqual([]);

      await put(
        'wide',
        Array.from({ length: 120 }, (_, n) => query(`s${n}`, n < 60 ? {} : { needs: [`s${n - 60}`] })),
      );
      await open.goTo('/workflows/wide');
      await graph.getByText('60 steps').first().waitFor();
      expect(await graph.getByText('s77', { exact: true }).count()).toBe(0);
      await graph.getByRole('button', { name: 'What is in s60 … s119' }).click();
      await graph.getByText('s77', { exact: true }).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
