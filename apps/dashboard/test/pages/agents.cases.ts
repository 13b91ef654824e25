import { eventually } from '@pulser/testing';

import { describePage, openDashboard, sharedPulser, sharedScene } from '../dashboard-harness.js';
import type { Pulser } from '../pulser.js';

const slow = 300_000;

interface Pauses {
  readonly pauses: readonly {
    readonly agent: string | null;
    readonly task_type: string | null;
    readonly reason: string | null;
  }[];
}

const paused = async (pulser: Pulser): Promise<Pauses['pauses']> =>
  (await pulser.call<Pauses>('/api/v1/pauses')).pauses;

describePage('the agents', () => {
  it(
    'are narrowed by what is typed, and opened by keyboard alone',
    async () => {
      await sharedScene();
      const open = await openDashboard({ path: '/agents' });
      const { page } = open;
      const rows = page.getByRole('grid', { name: /^Agents/ }).getByRole('row');
      await rows.filter({ hasText: 'maya' }).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('analyt');
      await rows.filter({ hasText: 'maya' }).waitFor({ state: 'detached' });
      await rows.filter({ hasText: 'dash' }).getByText('Up', { exact: true }).waitFor();
      expect(new URL(page.url()).search).toBe('?q=analyt');
      await page.getByRole('grid', { name: /^Agents/ }).focus();
      await page.keyboard.press('j');
      await page.keyboard.press('k');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'dash' }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/ui/agents/dash');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'are paused with a reason from the palette, seen as paused, and resumed by the undo',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/agents' });
      const { page } = open;
      await page.getByRole('row').filter({ hasText: 'maya' }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('pause maya');
      await page.getByRole('option', { name: /^Pause maya/ }).waitFor();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Pause maya?' });
      await dialog.getByRole('textbox', { name: 'Why' }).fill('quota of the model is used up');
      await page.keyboard.press('Enter');
      await page.getByText('maya is paused').waitFor();
      expect(await paused(pulser)).toMatchObject([{ agent: 'maya', reason: 'quota of the model is used up' }]);
      await page.getByRole('row').filter({ hasText: 'maya' }).getByText('Paused', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('row').filter({ hasText: 'maya' }).getByText('Up', { exact: true }).waitFor();
      expect(await paused(pulser)).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('an agent', () => {
  it(
    'shows how it did, and its numbers lead to their tasks',
    async () => {
      await sharedScene();
      const open = await openDashboard({ path: '/agents/dash' });
      const { page } = open;
      const times = page.getByRole('table', { name: 'Wait and run time' });
      await times.getByRole('row', { name: /^Run/ }).waitFor();
      expect(await times.getByRole('columnheader').allTextContents()).toEqual(['Time', 'Mean', 'P50', 'P95', 'P99']);
      expect(await times.getByRole('row', { name: /^Run/ }).textContent()).toMatch(/ms| s/);
      await page.getByRole('figure', { name: 'Ended tasks of dash per hour' }).waitFor();
      await page.getByRole('link', { name: /^Failed/ }).click();
      await page.waitForURL(/\/ui\/tasks\?/);
      expect(new URL(page.url()).searchParams.get('agent')).toBe('dash');
      expect(new URL(page.url()).searchParams.get('status')).toBe('failed');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'shows schema and example of each operation, and the address says which',
    async () => {
      const open = await openDashboard({ path: '/agents/dash' });
      const { page } = open;
      await page.getByRole('button', { name: /^analytics\/query/ }).click();
      await page.getByText('Schema of the payload').waitFor();
      await page.getByText('sources:').first().waitFor();
      expect(new URL(page.url()).searchParams.get('operation')).toBe('analytics/query');
      await page.reload();
      await page.getByText('Schema of the payload').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'has its task types paused and resumed one by one',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/agents/dash' });
      const { page } = open;
      await page.getByRole('button', { name: 'Pause analytics' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Pause analytics' }).click();
      const resume = page.getByRole('button', { name: 'Resume analytics' });
      await resume.waitFor();
      expect(await paused(pulser)).toMatchObject([{ agent: null, task_type: 'analytics', reason: null }]);
      await resume.click();
      await page.getByRole('button', { name: 'Pause analytics' }).waitFor();
      expect(await paused(pulser)).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is seen as paused as soon as another one pauses it',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/agents/maya' });
      const { page } = open;
      await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
      await pulser.call('/api/v1/agents/maya/pause', { reason: 'by somebody else' });
      // Without a word of it the page would read again after half a minute.
      await page
        .getByText(/by somebody else/)
        .first()
        .waitFor({ timeout: 25_000 });
      await page.keyboard.press('p');
      await page.getByText('maya is resumed').waitFor();
      await eventually(async () => {
        expect(await paused(pulser)).toEqual([]);
      });
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'that nobody knows is said so, and a viewer is offered no pause',
    async () => {
      const unknown = await openDashboard({ path: '/agents/nobody_of_this_name' });
      await unknown.page.getByText('No agent of this name has registered').waitFor();
      unknown.expectClean();
      await unknown.close();
      const open = await openDashboard({ path: '/agents/dash', as: 'viewer' });
      await open.page.getByRole('region', { name: 'Task types' }).waitFor();
      expect(await open.page.getByRole('button', { name: /^Pause/ }).count()).toBe(0);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
