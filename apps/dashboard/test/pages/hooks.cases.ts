import type { HookView } from '@pulser/contracts';

import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';
import { brokenTask, ended } from '../scene.js';

const slow = 300_000;

describePage('a hook', () => {
  it(
    'is written, shown with its address, disabled and deleted',
    async () => {
      const pulser = await sharedPulser();
      const shown = (): Promise<HookView> => pulser.call<HookView>('/api/v1/hooks/failures');
      const open = await openDashboard({ path: '/hooks' });
      // A secret that is not there is a case.
      open.expected.push(/status of 400/);
      const { page } = open;
      await page.getByRole('button', { name: 'New hook' }).click();
      const form = page.getByRole('dialog', { name: 'New hook' });
      await form.getByLabel('Name').fill('failures');
      await form.getByLabel('Secret').fill('none');
      await form.getByLabel('Task type').fill('analytics');
      await form.getByLabel('Payload').fill('{"operation": "telemetry_report"}');
      await form.getByRole('button', { name: 'Create it' }).click();
      await form.getByText('/on/secret').waitFor();
      await form.getByText('A task fails').click();
      await form.getByLabel('Operation').fill('query');
      expect(await open.axe()).toEqual([]);
      await open.picture('hook-form');
      await form.getByRole('button', { name: 'Create it' }).click();

      const facts = page.getByRole('dialog', { name: 'failures' });
      await facts.getByText('a failed query').waitFor();
      const firings = facts.getByRole('region', { name: 'Firings' });
      await firings.getByText('None yet.').waitFor();
      expect(await shown()).toMatchObject({ on: { kind: 'task.failed', operation: 'query' }, enabled: true });
      const failed = await pulser.submit(brokenTask);
      expect(await ended(pulser, failed)).toBe('failed');
      await firings.getByRole('row').filter({ hasText: 'fired' }).getByRole('link').waitFor();
      expect(await open.axe()).toEqual([]);
      await open.picture('hook');
      await facts.getByRole('button', { name: 'Change' }).click();
      const change = page.getByRole('dialog', { name: 'Change failures' });
      await change.getByText('Enabled').click();
      await change.getByRole('button', { name: 'Save it' }).click();
      await facts.getByText('disabled').waitFor();
      expect(await shown()).toMatchObject({ enabled: false, revision: 2 });
      await facts.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 1 hook' }).click();
      await page.getByText('failures is deleted').waitFor();
      await page.getByText('No hook yet').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
