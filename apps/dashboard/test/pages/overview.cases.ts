import { eventually } from '@pulser/testing';
import type { Page } from 'playwright-core';

import { describePage, openDashboard, sharedPulser, sharedScene } from '../dashboard-harness.js';
import { ended, goodTask } from '../scene.js';

const slow = 300_000;

/** Without a word of a change the page would read again after half a minute. */
const told = { timeoutMs: 25_000 };

/** Downloads by an entry of the menu of a chart. @returns the name and the text of the file */
const saved = async (page: Page, chart: string | RegExp, format: string): Promise<{ name: string; text: string }> => {
  await page.getByRole('button', { name: new RegExp(`^More about ${String(chart)}`) }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: format }).click(),
  ]);
  const stream = await download.createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { name: download.suggestedFilename(), text: Buffer.concat(chunks).toString('latin1') };
};

/** The sum of a column of a CSV of a chart. */
const sumOf = (csv: string, column: string): number => {
  const [head = '', ...rows] = csv.split('\r\n');
  const place = head.split(',').indexOf(column);
  expect(place).toBeGreaterThan(0);
  return rows.reduce((sum, row) => sum + Number(row.split(',')[place] ?? 0), 0);
};

interface Health {
  readonly agents: readonly { readonly agent: string; readonly completed: number; readonly failed: number }[];
}

describePage('the overview', () => {
  it(
    'draws the tasks that there were, to the last one, and each bar leads to its tasks',
    async () => {
      await sharedScene();
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/' });
      const { page } = open;
      await page.getByRole('figure', { name: 'Completed per hour and agent' }).waitFor();
      const csv = await saved(page, 'Completed per hour', 'CSV');
      const from = new Date(Date.now() - 24 * 3_600_000).toISOString();
      const { agents } = await pulser.call<Health>(`/api/v1/telemetry/health?from=${from}`);
      const dash = agents.find(({ agent }) => agent === 'dash');
      expect(sumOf(csv.text, 'dash')).toBe(dash?.completed);
      expect(dash?.completed).toBeGreaterThan(0);

      await page.getByRole('button', { name: /^More about Completed per hour/ }).click();
      await page.getByRole('menuitem', { name: 'Show as table' }).click();
      const table = page.getByRole('group', { name: 'Completed per hour and agent as a table' });
      const number = table.getByRole('link').filter({ hasNotText: /^0$/ }).last();
      await number.click();
      await page.waitForURL(/\/ui\/tasks\?/);
      const { searchParams } = new URL(page.url());
      expect(searchParams.get('status')).toBe('completed');
      const begin = Date.parse(searchParams.get('created_after') ?? '');
      expect(Date.parse(searchParams.get('created_before') ?? '') - begin).toBe(3_600_000);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'has its range, and what it counts, in its address',
    async () => {
      await sharedScene();
      const open = await openDashboard({ path: '/?range=7d&time=wait' });
      const { page } = open;
      await page.getByRole('figure', { name: 'P95 of the wait time per 6 hours and agent' }).waitFor();
      await page.getByRole('radio', { name: '1 h' }).click();
      await page.getByRole('figure', { name: 'P95 of the wait time per minute and agent' }).waitFor();
      await page.getByRole('radio', { name: 'Failed' }).click();
      await page.getByRole('figure', { name: 'Failed per minute and agent' }).waitFor();
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
        range: '1h',
        count: 'failed',
        time: 'wait',
      });
      await page.reload();
      await page.getByRole('figure', { name: 'Failed per minute and agent' }).waitFor();
      await page.keyboard.press('2');
      await page.getByRole('figure', { name: 'Failed per hour and agent' }).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'has a heat map of errors for arrow keys, as a table and as files',
    async () => {
      await sharedScene();
      const open = await openDashboard({ path: '/' });
      const { page } = open;
      const grid = page.getByRole('grid', { name: 'Error rate per hour and agent' });
      await grid
        .getByRole('gridcell', { name: /^dash, .* of \d+ failed/ })
        .first()
        .waitFor();
      const svg = await saved(page, 'Error rate', 'SVG');
      expect(svg.name).toBe('Error-rate-per-hour-and-agent.svg');
      expect(svg.text).toMatch(/^<svg .*dash, [^<]* failed, /s);
      expect(svg.text).not.toMatch(/color-mix|oklab|NaN/);
      const png = await saved(page, 'Error rate', 'PNG');
      expect(png.text.slice(1, 4)).toBe('PNG');
      await grid.focus();
      await page.keyboard.press('End');
      const current = grid.locator('[data-current]');
      await current.waitFor();
      expect(await grid.getAttribute('aria-activedescendant')).toBe(await current.getAttribute('id'));
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/ui\/tasks\?status=failed|\/ui\/tasks\?agent=.*status=failed/);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'says what needs a person: dead letters that grow, and what is paused, which is resumed there',
    async () => {
      await sharedScene();
      const pulser = await sharedPulser();
      await pulser.call('/api/v1/agents/maya/pause', { reason: 'her model is being changed' });
      const open = await openDashboard({ path: '/' });
      const { page } = open;
      const needs = page.getByRole('region', { name: 'Needs you' });
      await needs
        .getByText(/dead letters?: query_failed/)
        .first()
        .waitFor();
      await needs.getByText('her model is being changed').waitFor();
      await needs.getByRole('button', { name: 'Resume maya' }).click();
      await needs.getByText('maya is paused').waitFor({ state: 'detached' });
      expect(await pulser.call('/api/v1/pauses')).toEqual({ pauses: [] });
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'shows a task that comes while one looks',
    async () => {
      const pulser = await sharedPulser();
      await sharedScene();
      const open = await openDashboard({ path: '/' });
      const { page } = open;
      await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
      const scheduled = page.getByRole('link', { name: /^Scheduled/ });
      const openOfDash = page.getByRole('link', { name: /open tasks of dash$/ });
      const openBefore = Number((await openOfDash.textContent()) ?? '');
      const before = Number(((await scheduled.textContent()) ?? '').replace(/\D/g, ''));
      const later = new Date(Date.now() + 3_600_000).toISOString();
      const task = await pulser.submit({ ...goodTask, run_at: later });
      await eventually(async () => {
        expect(await scheduled.textContent()).toBe(`Scheduled${before + 1}`);
        expect(await openOfDash.textContent()).toBe(String(openBefore + 1));
      }, told);
      await pulser.call(`/api/v1/tasks/${task}/cancel`, {});
      await eventually(async () => {
        expect(await scheduled.textContent()).toBe(`Scheduled${before}`);
        expect(await openOfDash.textContent()).toBe(String(openBefore));
      }, told);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is a PDF by a task of dash, which stays in the address',
    async () => {
      const pulser = await sharedPulser();
      await sharedScene();
      const open = await openDashboard({ path: '/?range=7d' });
      const { page } = open;
      await page.getByRole('button', { name: 'PDF' }).click();
      await page.waitForURL(/report=/);
      const id = new URL(page.url()).searchParams.get('report') ?? '';
      expect(await ended(pulser, id)).toBe('completed');
      const link = page.getByRole('link', { name: 'Download report.pdf' });
      await link.waitFor();
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
      const stream = await download.createReadStream();
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).subarray(0, 5).toString('latin1')).toBe('%PDF-');
      const { payload } = await pulser.call<{ payload: { from: string; to: string } }>(`/api/v1/tasks/${id}`);
      expect(Date.parse(payload.to) - Date.parse(payload.from)).toBe(7 * 86_400_000);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'offers a viewer neither a report nor to resume',
    async () => {
      await sharedScene();
      const pulser = await sharedPulser();
      await pulser.call('/api/v1/agents/maya/pause', {});
      try {
        const open = await openDashboard({ path: '/', as: 'viewer' });
        const { page } = open;
        const needs = page.getByRole('region', { name: 'Needs you' });
        await needs.getByText('maya is paused').waitFor();
        expect(await page.getByRole('button', { name: /^Resume|^PDF$/ }).count()).toBe(0);
        open.expectClean();
        await open.close();
      } finally {
        await pulser.call('/api/v1/agents/maya/resume', {});
      }
    },
    slow,
  );
});
