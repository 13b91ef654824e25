import type { FirePage, ScheduleDetail } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { describePage, openDashboard, sharedPulser, sharedScene } from '../dashboard-harness.js';

const slow = 300_000;

describePage('a schedule', () => {
  it(
    'is written beside its next ten times, fires when asked, is paused, changed and deleted',
    async () => {
      const pulser = await sharedPulser();
      const path = '/api/v1/schedules/weekly';
      const shown = (): Promise<ScheduleDetail> => pulser.call<ScheduleDetail>(path);
      const open = await openDashboard({ path: '/schedules' });
      // Times that cannot be, and the schedule after it was deleted, are cases.
      open.expected.push(/status of (400|404|422)/);
      const { page } = open;
      await page.getByRole('button', { name: 'New schedule' }).click();
      const form = page.getByRole('dialog', { name: 'New schedule' });
      const times = form.getByRole('region', { name: 'The next ten times' });
      await form.getByLabel('Time zone').fill('America/New_York');
      await form.getByLabel('Expression').fill('0 0 31 2 *');
      await times.getByText(/never fires/).waitFor();
      await form.getByLabel('Expression').fill('30 2 * * sun');
      await times.getByText(/Sun/).first().waitFor();
      expect(await times.getByRole('listitem').count()).toBe(10);
      await form.getByLabel('Name').fill('weekly');
      await form.getByLabel('Payload').fill('{"operation": "no_such"}');
      await form.getByRole('button', { name: 'Create it' }).click();
      await form.getByText('/task/payload/operation').waitFor();
      await form.getByLabel('Payload').fill('{"operation": "query", "sources": [], "sql": "select 1"}');
      await form.getByRole('button', { name: 'Write it in a form' }).click();
      await form.getByRole('textbox', { name: 'sql' }).fill('select 2');
      await eventually(async () => {
        expect(JSON.parse(await form.getByLabel('Payload').inputValue())).toMatchObject({ sql: 'select 2' });
      });
      await form.getByLabel('Payload').fill('{"operation": "telemetry_report"}');
      await form.getByRole('button', { name: 'Close the form' }).click();
      expect(await open.axe()).toEqual([]);
      await open.picture('schedule-form');
      await form.getByRole('button', { name: 'Create it' }).click();

      await page.getByRole('heading', { name: 'weekly', level: 1 }).waitFor();
      expect(await shown()).toMatchObject({ when: { expression: '30 2 * * sun' }, time_zone: 'America/New_York' });
      await page.getByRole('button', { name: 'Trigger now' }).click();
      await eventually(async () => {
        const { fires } = await pulser.call<FirePage>(`${path}/fires`);
        expect(fires).toMatchObject([{ origin: 'trigger', task_id: expect.any(String) as unknown }]);
      });
      await page.getByRole('table').getByRole('link').waitFor();
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await page.getByLabel('Note').fill('the data is late');
      await page.getByRole('button', { name: 'Pause weekly' }).click();
      await page.getByText(/the data is late/).waitFor();
      expect(await open.axe()).toEqual([]);
      await open.picture('schedule');
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();

      await page.getByRole('button', { name: 'Change' }).click();
      const change = page.getByRole('dialog', { name: 'Change weekly' });
      await change.getByLabel('Late by up to').fill('5m');
      await change.getByRole('button', { name: 'Save it' }).click();
      await page.getByText('weekly is saved').waitFor();
      expect(await shown()).toMatchObject({ jitter_s: 300, revision: 2 });

      await page.getByRole('button', { name: 'Backfill' }).click();
      const backfill = page.getByRole('dialog', { name: 'Backfill weekly' });
      await backfill.getByLabel('From').fill('2026-10-01T00:00:00Z');
      await backfill.getByLabel('To, exclusive').fill('2026-10-15T00:00:00Z');
      await backfill.getByRole('button', { name: 'Backfill' }).click();
      await page.getByText('2 fires for 2 times').waitFor();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 1 schedule' }).click();
      await page.getByText('weekly is deleted').waitFor();
      await open.picture('schedules');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is seen by viewers, who change nothing of it',
    async () => {
      const { schedule } = await sharedScene();
      const open = await openDashboard({ path: '/schedules?create=1', as: 'viewer' });
      await open.page.getByRole('heading', { name: 'Schedules', level: 1 }).waitFor();
      await open.page.getByText(schedule).waitFor();
      expect(await open.page.getByRole('button', { name: 'New schedule' }).count()).toBe(0);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
