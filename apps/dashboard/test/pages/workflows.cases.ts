import type { RunView } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { describePage, openDashboard, sharedPulser, sharedScene } from '../dashboard-harness.js';
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
});
