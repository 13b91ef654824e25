import type { TaskTrace } from '@pulser/contracts';

import { describePage, openDashboard, sharedPulser, sharedScene } from '../dashboard-harness.js';

const slow = 300_000;

describePage('the trace of a task', () => {
  it.each(['light', 'dark'] as const)(
    'is a waterfall whose spans say what is known of them, by keyboard alone: %s',
    async (theme) => {
      const { completed } = await sharedScene();
      const open = await openDashboard({ path: `/tasks/${completed}?tab=trace`, theme });
      const { page } = open;
      const grid = page.getByRole('grid', { name: /^Spans/ });
      await grid.getByRole('row').filter({ hasText: 'Waited for a worker' }).waitFor();
      await grid.focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('Enter');
      await page
        .getByRole('region', { name: 'Task', exact: true })
        .getByText(/clock of the database/)
        .waitFor();
      await page.getByRole('region', { name: 'Attributes' }).waitFor();
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ tab: 'trace', span: 'task' });
      const rows = Number(await grid.getAttribute('aria-rowcount'));
      expect(rows).toBeGreaterThan(2);
      await page.keyboard.press('f');
      await page.locator('[role=grid][aria-rowcount="2"]').waitFor();
      await page.keyboard.press('f');
      await page.locator(`[role=grid][aria-rowcount="${String(rows)}"]`).waitFor();
      await open.picture(`trace-${theme}`);
      expect(await open.axe()).toEqual([]);
      expect(await open.overflows()).toBe(false);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'names the error of what has failed',
    async () => {
      const { failed } = await sharedScene();
      const trace = await (await sharedPulser()).call<TaskTrace>(`/api/v1/tasks/${failed}/trace`);
      const error = trace.spans.find((span) => span.error !== null)?.error ?? 'no span has failed';
      const open = await openDashboard({ path: `/tasks/${failed}?tab=trace` });
      const { page } = open;
      await page
        .getByRole('grid', { name: /^Spans/ })
        .getByText(error, { exact: true })
        .first()
        .waitFor();
      await page.getByText(/spans? failed$/).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
