import { eventually } from '@pulser/testing';

import { describePage, openDashboard, sharedPulser, sharedScene } from '../dashboard-harness.js';
import { brokenTask, ended, goodTask } from '../scene.js';

const slow = 300_000;

const later = new Date(Date.now() + 3_600_000).toISOString();

describePage('the list of tasks', () => {
  it(
    'is narrowed by what is typed, and the address says how',
    async () => {
      const { failed } = await sharedScene();
      const open = await openDashboard({ path: '/tasks' });
      const { page } = open;
      await page.keyboard.press('/');
      await page.keyboard.type('status:failed agent:dash');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Remove the filter status failed' }).waitFor();
      expect(new URL(page.url()).search).toBe('?status=failed&agent=dash');
      await page.getByRole('row').getByText(failed).waitFor();
      expect(await page.getByRole('row').getByText('Completed').count()).toBe(0);
      await page.goBack();
      await page.getByRole('row').getByText('Completed').first().waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'finds a task by the beginning of its id, and opens it by keyboard alone',
    async () => {
      const { completed } = await sharedScene();
      const open = await openDashboard({ path: `/tasks?q=${completed}` });
      const { page } = open;
      await page.getByRole('grid', { name: /^Tasks/ }).focus();
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.getByRole('tab', { name: 'Result' }).waitFor();
      expect(new URL(page.url()).pathname).toBe(`/ui/tasks/${completed}`);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'shows a new task and its end without being loaded again',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/tasks?agent=dash' });
      const { page } = open;
      await page.getByText('Live', { exact: true }).first().waitFor();
      const task = await pulser.submit(goodTask);
      const row = page.getByRole('row').filter({ hasText: task });
      await row.waitFor();
      await row.getByText('Completed').waitFor();
      expect(await row.count()).toBe(1);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'cancels the chosen ones after it has said how many',
    async () => {
      const pulser = await sharedPulser();
      const ids = await Promise.all([1, 2].map(() => pulser.submit({ ...goodTask, run_at: later, priority: 'low' })));
      const open = await openDashboard({ path: '/tasks?status=scheduled&priority=low' });
      const { page } = open;
      for (const id of ids)
        await page.getByRole('row').filter({ hasText: id }).getByRole('checkbox').check({ force: true });
      await page.getByRole('button', { name: 'Cancel 2' }).click();
      await page.getByRole('button', { name: 'Cancel 2 tasks' }).click();
      await page.getByText('2 tasks cancelled').waitFor();
      for (const id of ids) expect(await ended(pulser, id)).toBe('cancelled');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'offers a viewer nothing that a viewer may not do',
    async () => {
      const { failed } = await sharedScene();
      const open = await openDashboard({ path: `/tasks?q=${failed}`, as: 'viewer' });
      const { page } = open;
      await page.getByRole('row').filter({ hasText: failed }).getByRole('checkbox').check({ force: true });
      await page.getByRole('toolbar', { name: 'Chosen tasks' }).waitFor();
      expect(await page.getByRole('button', { name: /^(Replay|Cancel) 1/ }).count()).toBe(0);
      await open.close();
    },
    slow,
  );
});

describePage('a task', () => {
  it(
    'shows its result as a table and its chart',
    async () => {
      const { completed } = await sharedScene();
      const open = await openDashboard({ path: `/tasks/${completed}` });
      const { page } = open;
      await page.getByRole('gridcell', { name: 'north' }).waitFor();
      await page.getByRole('tab', { name: /^Files/ }).click();
      const chart = page.getByRole('img', { name: /chart\.svg/ });
      await chart.waitFor();
      await eventually(async () => {
        expect(await chart.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(100);
      });
      expect(new URL(page.url()).search).toBe('?tab=artifacts');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'that has failed is edited, compared and replayed, by keyboard alone',
    async () => {
      const pulser = await sharedPulser();
      const task = await pulser.submit(brokenTask);
      expect(await ended(pulser, task)).toBe('failed');
      const open = await openDashboard({ path: `/tasks/${task}` });
      const { page } = open;
      await page.getByRole('button', { name: 'Edit and replay' }).waitFor();
      await page.keyboard.press('e');
      const editor = page.getByRole('textbox', { name: 'Payload' });
      await editor.focus();
      await page.keyboard.press('Control+Home');
      const text = await editor.innerText();
      await page.keyboard.press('Control+a');
      await page.keyboard.insertText(text.replace('from sale group', 'from sales group'));
      await page.getByRole('button', { name: 'Replay with changes' }).waitFor();
      await page.locator('.cm-deletedChunk').first().waitFor();
      await page.keyboard.press('Control+Enter');
      await page.getByRole('gridcell', { name: 'north' }).waitFor();
      await page.getByRole('tab', { name: 'Related' }).click();
      await page.getByRole('link', { name: task }).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'that waits gets another priority',
    async () => {
      const pulser = await sharedPulser();
      const task = await pulser.submit({ ...goodTask, run_at: later });
      const open = await openDashboard({ path: `/tasks/${task}` });
      const { page } = open;
      await page.getByRole('button', { name: 'Change' }).click();
      await page.getByRole('button', { name: /Priority/ }).click();
      await page.getByRole('option', { name: 'high' }).click();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('The task is changed').waitFor();
      expect(await pulser.call(`/api/v1/tasks/${task}`)).toMatchObject({ priority: 'high' });
      await pulser.call(`/api/v1/tasks/${task}/cancel`, {});
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'shows what tenants wrote as text, whatever it looks like',
    async () => {
      const pulser = await sharedPulser();
      const marks = [
        '<img src=x onerror="document.title=\'run\'">',
        '<script>document.title="run"</script>',
        '[a](javascript:alert(1))',
        '{{7*7}}',
      ];
      const task = await pulser.submit({
        task_type: 'analytics',
        metadata: { note: marks[0] },
        payload: {
          operation: 'query',
          sources: [
            {
              name: 't',
              format: 'csv',
              content: `a\n${marks.map((mark) => `"${mark.replaceAll('"', '""')}"`).join('\n')}\n`,
            },
          ],
          sql: 'select a as "<b>a</b>" from t',
        },
      });
      expect(await ended(pulser, task)).toBe('completed');
      const open = await openDashboard({ path: `/tasks/${task}` });
      const { page } = open;
      for (const mark of marks) await page.getByRole('gridcell', { name: mark }).waitFor();
      await page.getByRole('tab', { name: 'Payload' }).click();
      await page.getByText('note:').waitFor();
      expect(await page.locator('#main img, #main script').count()).toBe(0);
      expect(await page.title()).not.toContain('run');
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('dead letters', () => {
  it(
    'are replayed together, with a count before',
    async () => {
      const pulser = await sharedPulser();
      const broken = {
        ...brokenTask,
        payload: {
          operation: 'query',
          sql: 'select missing from t',
          sources: [{ name: 't', format: 'csv', content: 'a\n1\n' }],
        },
      };
      const tasks = await Promise.all([1, 2].map(() => pulser.submit(broken)));
      for (const task of tasks) expect(await ended(pulser, task)).toBe('failed');
      const open = await openDashboard({ path: '/dead-letters' });
      const { page } = open;
      const group = page.getByRole('region', { name: 'query_failed' }).filter({ hasText: 'missing' });
      await group.getByRole('button', { name: 'Replay 2' }).click();
      await page.getByRole('button', { name: 'Replay 2 dead letters' }).click();
      await page.getByText('2 dead letters replayed').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'are discarded with a reason, and opened again by the undo, or later from their page and their list',
    async () => {
      const pulser = await sharedPulser();
      const task = await pulser.submit(brokenTask);
      expect(await ended(pulser, task)).toBe('failed');
      const { dead_letters: letters } = await pulser.call<{
        dead_letters: { dead_letter_id: string; fingerprint: string }[];
      }>(`/api/v1/dead-letters?task_id=${task}`);
      const id = letters[0]?.dead_letter_id ?? '';
      const state = async (): Promise<unknown> => (await pulser.call(`/api/v1/dead-letters/${id}`))['state'];
      const open = await openDashboard({ path: `/dead-letters/${id}` });
      const { page } = open;
      await page.getByRole('button', { name: 'Discard' }).click();
      const dialog = page.getByRole('dialog', { name: 'Discard 1 dead letter?' });
      await dialog.getByRole('textbox').fill('a slip of the finger');
      await dialog.getByRole('button', { name: /^Discard/ }).click();
      await page.getByText('The dead letter is discarded').waitFor();
      expect(await state()).toBe('discarded');
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('The dead letter is open again').waitFor();
      expect(await state()).toBe('open');
      // Somebody else discards it: the page says so by itself, and takes it back.
      const discard = (): Promise<Record<string, unknown>> =>
        pulser.call(`/api/v1/dead-letters/${id}/discard`, { reason: 'a typo' });
      await discard();
      await page.getByRole('button', { name: 'Open it again' }).click();
      await page.getByRole('button', { name: 'Discard' }).waitFor();
      expect(await state()).toBe('open');
      await discard();
      await open.goTo(`/dead-letters?state=discarded&fingerprint=${String(letters[0]?.fingerprint)}`);
      await page.getByRole('button', { name: 'Open again' }).click();
      await page.getByText('None of this cause is left in this state').waitFor();
      expect(await state()).toBe('open');
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
