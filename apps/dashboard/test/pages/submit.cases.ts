import { eventually } from '@pulser/testing';

import { describePage, openDashboard, everyLook, sharedPulser, sharedScene, viewports } from '../dashboard-harness.js';
import { brokenTask, ended } from '../scene.js';

const slow = 300_000;

const query = '/submit?task_type=analytics&operation=query';

describePage('submitting', () => {
  it(
    'begins with the operations, which can be searched',
    async () => {
      const open = await openDashboard({ path: '/submit' });
      const { page } = open;
      await page.keyboard.press('/');
      await page.keyboard.type('analytics sql');
      await page.getByRole('link', { name: /^query/ }).click();
      await page.getByRole('textbox', { name: 'sql' }).waitFor();
      expect(new URL(page.url()).search).toBe('?task_type=analytics&operation=query');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is found in the palette from anywhere',
    async () => {
      const open = await openDashboard({ path: '/tasks' });
      const { page } = open;
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /Search pages/ }).waitFor();
      await page.keyboard.type('submit a query');
      await page.keyboard.press('Enter');
      await page.getByRole('textbox', { name: 'sql' }).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'keeps form and JSON alike, whichever is written',
    async () => {
      const open = await openDashboard({ path: query });
      const { page } = open;
      const sql = page.getByRole('textbox', { name: 'sql' });
      const editor = page.getByRole('textbox', { name: 'Payload as JSON' });
      await sql.fill('select 1 as one');
      await eventually(async () => {
        expect(await editor.innerText()).toContain('"sql": "select 1 as one"');
      });
      await editor.focus();
      await page.keyboard.press('Control+a');
      await page.keyboard.insertText(
        '{ "operation": "query", "sources": [], "sql": "select 2 as two", "max_rows": 7 }',
      );
      await eventually(async () => {
        expect(await sql.inputValue()).toBe('select 2 as two');
        expect(await page.getByRole('textbox', { name: 'max_rows' }).inputValue()).toBe('7');
      });
      await page.keyboard.press('Control+a');
      await page.keyboard.insertText('{ "operation": ');
      await page.getByText('The JSON cannot be read yet').waitFor();
      expect(await sql.inputValue()).toBe('select 2 as two');
      expect(await page.getByRole('button', { name: 'Submit', exact: true }).isDisabled()).toBe(true);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'adds to lists, chooses among kinds, and leaves out what is emptied',
    async () => {
      const open = await openDashboard({ path: query });
      const { page } = open;
      const editor = page.getByRole('textbox', { name: 'Payload as JSON' });
      await page.getByRole('button', { name: 'Add to sources' }).click();
      await page.getByText('/sources/1/name').waitFor();
      await page.getByRole('button', { name: 'Remove item 2' }).click();
      await page.getByText('/sources/1/name').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: /Kind of chart/ }).click();
      await page.getByRole('option', { name: 'pie' }).click();
      await eventually(async () => {
        const text = await editor.innerText();
        expect(text).toContain('"kind": "pie"');
        // What a pie has too is kept, what it has not is gone.
        expect(text).toContain('"x": "month"');
        expect(text).not.toContain('"series"');
      });
      await page.getByRole('button', { name: 'Leave chart out' }).click();
      await eventually(async () => {
        expect(await editor.innerText()).not.toContain('"chart"');
      });
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'shows what is wrong at its field and in the JSON, and leads there',
    async () => {
      const open = await openDashboard({ path: query });
      const { page } = open;
      open.expected.push(/422/);
      await page.getByRole('textbox', { name: 'sql' }).fill('');
      await page.getByRole('button', { name: '/sql' }).waitFor();
      await page.locator('.cm-lintRange-error').first().waitFor();
      await page.keyboard.press('Control+Enter');
      await page.getByRole('alert').filter({ hasText: 'The payload was refused' }).waitFor();
      await page.getByRole('button', { name: '/sql' }).click();
      const sql = page.getByRole('textbox', { name: 'sql' });
      expect(await sql.evaluate((field) => field === document.activeElement)).toBe(true);
      expect(await sql.getAttribute('aria-invalid')).toBe('true');
      expect(await open.axe()).toEqual([]);
      // What the schema cannot say, the API does.
      await sql.fill('select 1');
      await page.getByRole('button', { name: /When and how it runs/ }).click();
      await page.getByRole('textbox', { name: 'Deadline', exact: true }).fill('soon');
      await page.getByText('Must be a length of time').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'says in a dry run what would become of it, and submits nothing',
    async () => {
      const pulser = await sharedPulser();
      const newest = async (): Promise<unknown> =>
        (await pulser.call<{ tasks: { task_id: string }[] }>('/api/v1/tasks?limit=1')).tasks[0]?.task_id;
      const before = await newest();
      const open = await openDashboard({ path: query });
      const { page } = open;
      await page.getByRole('button', { name: 'Dry run' }).click();
      const answer = page.getByRole('region', { name: 'Dry run' });
      await answer.getByText('Ahead of it').waitFor();
      // However far up or down the page was.
      const box = await answer.boundingBox();
      const bottom = (await page.getByRole('group', { name: 'What to do with it' }).boundingBox())?.y ?? 0;
      expect((box?.y ?? 0) + (box?.height ?? Infinity)).toBeLessThanOrEqual(bottom + 1);
      await answer.getByText('dash').first().waitFor();
      await answer.getByText('Submitted today').waitFor();
      expect(await newest()).toBe(before);
      // Of another payload it says nothing.
      await page.getByRole('textbox', { name: 'sql' }).fill('select 3');
      await answer.waitFor({ state: 'detached' });
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'sends priority, start, deadline and metadata',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: query });
      const { page } = open;
      await page.getByRole('button', { name: /When and how it runs/ }).click();
      await page.getByRole('button', { name: /Priority/ }).click();
      await page.getByRole('option', { name: /^High/ }).click();
      await page.getByLabel('Start not before').fill('2035-01-01T10:00');
      await page.getByRole('textbox', { name: 'Deadline', exact: true }).fill('15m');
      await page.getByRole('textbox', { name: 'Metadata', exact: true }).fill('{ "customer": "acme" }');
      await page.getByRole('button', { name: 'Submit', exact: true }).click();
      await page.waitForURL(/\/ui\/tasks\/[\da-f-]{36}/);
      const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      expect(await pulser.call(`/api/v1/tasks/${id}`)).toMatchObject({
        priority: 'high',
        status: 'scheduled',
        metadata: { customer: 'acme' },
        timings: { run_at: '2035-01-01T10:00:00.000Z', deadline_at: '2035-01-01T10:15:00.000Z' },
      });
      await pulser.call(`/api/v1/tasks/${id}/cancel`, {});
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'fills the form from a task',
    async () => {
      const { failed } = await sharedScene();
      const open = await openDashboard({ path: `/tasks/${failed}` });
      const { page } = open;
      await page.keyboard.press('Shift+S');
      const sql = page.getByRole('textbox', { name: 'sql' });
      await sql.waitFor();
      expect(new URL(page.url()).search).toBe(`?from=${failed}`);
      expect(await sql.inputValue()).toBe((brokenTask as { payload: { sql: string } }).payload.sql);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'keeps a dropped file as a dataset and names it in a source',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: query });
      const { page } = open;
      await page.locator('input[type=file]').waitFor({ state: 'attached' });
      await page.evaluate(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['region,amount\nnorth,120\nsouth,80\n'], 'Shop sales.csv', { type: 'text/csv' }));
        document.dispatchEvent(new DragEvent('dragover', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      });
      const dialog = page.getByRole('dialog');
      expect(await dialog.getByLabel('Name of the dataset').inputValue()).toBe('shop-sales');
      await dialog.getByRole('button', { name: /^Send/ }).click();
      await dialog.getByText('2 rows, 2 columns').waitFor();
      await dialog.getByRole('button', { name: /^sources 1 \(orders\)/ }).click();
      await page.getByRole('textbox', { name: 'dataset' }).waitFor();
      await page.getByRole('textbox', { name: 'sql' }).fill('select sum(amount) as total from orders');
      await page.getByRole('button', { name: 'Leave chart out' }).click();
      await page.keyboard.press('Control+Enter');
      await page.getByRole('gridcell', { name: '200' }).waitFor();
      const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      expect(await ended(pulser, id)).toBe('completed');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is one side at a time on a phone',
    async () => {
      const open = await openDashboard({ path: query, viewport: viewports.phone });
      const { page } = open;
      await page.getByRole('textbox', { name: 'sql' }).fill('select 1 as one');
      await page.getByRole('tab', { name: 'JSON' }).click();
      await page.getByRole('textbox', { name: 'Payload as JSON' }).getByText('select 1 as one').waitFor();
      expect(await page.getByRole('textbox', { name: 'sql' }).count()).toBe(0);
      expect(await open.overflows()).toBe(false);
      expect(await open.axe()).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is not offered to a viewer, who is told so',
    async () => {
      const open = await openDashboard({ path: query, as: 'viewer' });
      const { page } = open;
      await page.getByText(/The role viewer may look at this, but not submit/).waitFor();
      await page.getByRole('textbox', { name: 'sql' }).waitFor();
      expect(await page.getByRole('button', { name: /^(Submit|Dry run)$/ }).count()).toBe(0);
      await page.keyboard.press('Control+Enter');
      expect(new URL(page.url()).pathname).toBe('/ui/submit');
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('the form of a query', () => {
  it(
    'keeps the rules of accessibility and of its policy on every screen in both themes, with everything open',
    async () => {
      const open = await openDashboard({ path: query });
      const { page } = open;
      await page.getByRole('textbox', { name: 'sql' }).waitFor();
      await page
        .getByRole('button', { name: /more fields/ })
        .first()
        .click();
      await page.getByRole('button', { name: /When and how it runs/ }).click();
      await page.getByRole('button', { name: 'Dry run' }).click();
      await page.getByRole('region', { name: 'Dry run' }).waitFor();
      expect(await open.faultsOn(everyLook, 'submit-open')).toEqual([]);
      await open.close();
    },
    slow,
  );
});

describePage('every operation', () => {
  it(
    'has a form for its example, without a fault and without a problem',
    async () => {
      const pulser = await sharedPulser();
      const { task_types: types } = await pulser.call<{
        task_types: { task_type: string; operations: { operation: string }[] }[];
      }>('/api/v1/task-types');
      const open = await openDashboard({ path: '/submit' });
      const { page } = open;
      for (const { task_type: type, operations } of types) {
        for (const { operation } of operations) {
          // Within the page, as a person goes from one to the next.
          await page.locator(`a.operation[href$="?task_type=${type}&operation=${operation}"]`).click();
          await page.locator('.payload-form').waitFor();
          await page.getByRole('textbox', { name: 'Payload as JSON' }).waitFor();
          expect({ operation, problems: await page.locator('.problems li').allInnerTexts() }).toEqual({
            operation,
            problems: [],
          });
          await page.getByRole('button', { name: 'Other operation' }).click();
        }
      }
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
