import { createHash } from 'node:crypto';

import { eventually } from '@pulser/testing';

import { describePage, openDashboard, sharedPulser, sharedScene, everyLook } from '../dashboard-harness.js';
import type { Pulser } from '../pulser.js';
import { ended } from '../scene.js';

const slow = 300_000;

/** Three rows, and a line that is none: it has too few cells. */
const orders = 'day,region,amount\n2026-01-12,North,1200\n2026-01-20,South,860\n2026-02-03,North,990\nno order\n';

interface Versions {
  readonly versions: readonly { readonly version: number; readonly rows: number; readonly rejected: number }[];
}

const fileOf = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

const keep = async (pulser: Pulser, name: string, text: string): Promise<void> => {
  const { task_id: task } = await pulser.send<{ task_id: string }>(`/api/v1/datasets/${name}`, text, 'text/csv');
  expect(await ended(pulser, task)).toBe('completed');
};

describePage('the rows of a dataset', () => {
  it(
    'are shown beyond those that are kept with it, when that is asked for',
    async () => {
      const pulser = await sharedPulser();
      await keep(pulser, 'long', `n\n${Array.from({ length: 230 }, (_, n) => `${n}\n`).join('')}`);
      const open = await openDashboard({ path: '/datasets/long' });
      const { page } = open;
      await page.getByText('The first 100 of 230 rows.').waitFor();
      const more = page.getByRole('button', { name: 'More rows' });
      await more.click();
      await page.getByText('The first 200 of 230 rows.').waitFor();
      await more.click();
      await page.getByText('All 230 rows.').waitFor();
      await more.waitFor({ state: 'detached' });
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('the list of datasets', () => {
  it(
    'takes a file, says how its upload goes, and what became of it',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/datasets' });
      const { page } = open;
      await page.getByLabel('Files to upload').setInputFiles(fileOf('Page Orders.csv', orders));
      const name = page.getByRole('textbox', { name: 'Dataset' });
      expect(await name.inputValue()).toBe('page-orders');
      await page.getByRole('button', { name: 'Upload 1 file' }).click();
      const uploads = page.getByRole('region', { name: 'Uploads' });
      await uploads.getByText('3 rows; 1 row rejected').waitFor();
      await page.getByRole('row').filter({ hasText: 'page-orders' }).waitFor();
      const { versions } = await pulser.call<Versions>('/api/v1/datasets/page-orders');
      expect(versions).toMatchObject([{ version: 1, rows: 3, rejected: 1 }]);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'takes a file that is dropped anywhere, and refuses a name that is none before anything is sent',
    async () => {
      const open = await openDashboard({ path: '/datasets' });
      const { page } = open;
      const dropped = await page.evaluateHandle(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['a\n1\n'], 'dropped.csv', { type: 'text/csv' }));
        return transfer;
      });
      await page.dispatchEvent('#main', 'drop', { dataTransfer: dropped });
      await page.getByRole('textbox', { name: 'Dataset' }).fill('No Name');
      await page.getByText('A small letter or digit, then up to 99').waitFor();
      expect(await page.getByRole('button', { name: 'Upload 1 file' }).isDisabled()).toBe(true);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'goes on with an upload where it broke off, and sends nothing twice',
    async () => {
      const text = `n,text\n${Array.from({ length: 60_000 }, (_, n) => `${n},row number ${n} of a larger file`).join('\n')}\n`;
      const hash = createHash('sha256').update(text).digest('hex');
      const open = await openDashboard({ path: '/datasets' });
      const { page } = open;
      const half = 1_000_000;
      const kept = await page.evaluate(
        async ({ path, part }) => {
          const headers = {
            'content-type': 'application/partial-upload',
            'upload-offset': '0',
            'upload-complete': '?0',
          };
          return (await fetch(path, { method: 'PATCH', headers, body: part })).status;
        },
        { path: `/api/v1/uploads/${hash}`, part: text.slice(0, half) },
      );
      expect(kept).toBe(200);
      const offsets: number[] = [];
      page.on('request', (request) => {
        if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
      });
      // The first part is answered with the place to go on from.
      open.expected.push(/409/);
      await page.getByLabel('Files to upload').setInputFiles(fileOf('broken-off.csv', text));
      await page.getByRole('button', { name: 'Upload 1 file' }).click();
      await page.getByRole('region', { name: 'Uploads' }).getByText('60,000 rows').waitFor({ timeout: 120_000 });
      expect(offsets.slice(0, 2)).toEqual([0, half]);
      expect(offsets.slice(1).every((offset) => offset >= half)).toBe(true);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'finds a dataset by a part of its name or of a column, and deletes the chosen ones after it has said how many',
    async () => {
      const pulser = await sharedPulser();
      await keep(pulser, 'page-gone-1', 'odd_column\n1\n');
      await keep(pulser, 'page-gone-2', 'odd_column\n1\n');
      const open = await openDashboard({ path: '/datasets' });
      const { page } = open;
      await page.getByRole('searchbox', { name: 'Search datasets' }).fill('dd_colu');
      await page.waitForURL(/\?q=dd_colu$/);
      for (const name of ['page-gone-1', 'page-gone-2'])
        await page.getByRole('row').filter({ hasText: name }).getByRole('checkbox').check({ force: true });
      await page.getByRole('button', { name: 'Delete 2' }).click();
      await page.getByText('with all their 2 versions').waitFor();
      await page.getByRole('button', { name: 'Delete 2 datasets' }).click();
      // The dialog says it too, until it is gone.
      await page.locator('.toast-text').getByText('2 datasets deleted').waitFor();
      await page.getByText('No dataset has that in its name').waitFor();
      await expect(pulser.call('/api/v1/datasets/page-gone-1')).rejects.toThrow('not_found');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'offers a viewer neither upload nor deletion',
    async () => {
      await sharedScene();
      const open = await openDashboard({ path: '/datasets', as: 'viewer' });
      const { page } = open;
      await page.getByRole('row').filter({ hasText: 'sales' }).first().waitFor();
      expect(await page.getByRole('button', { name: 'Upload' }).count()).toBe(0);
      expect(await page.getByRole('checkbox').count()).toBe(0);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('a dataset', () => {
  it(
    'shows its rows, its columns, the task that made it, and opens a query over it',
    async () => {
      const pulser = await sharedPulser();
      await keep(pulser, 'page-look', orders);
      const open = await openDashboard({ path: '/datasets/page-look' });
      const { page } = open;
      await page.getByRole('gridcell', { name: 'North' }).first().waitFor();
      await page.getByRole('link', { name: '1 row, with line and reason' }).waitFor();
      await page.getByRole('tab', { name: /^Columns/ }).click();
      await page.getByRole('row').filter({ hasText: 'amount' }).getByText('whole number').waitFor();
      expect(new URL(page.url()).search).toBe('?tab=columns');
      await page.getByRole('tab', { name: 'Lineage' }).click();
      await page.getByRole('link', { name: /ingest/ }).waitFor();
      await page.getByText('Uploaded file').first().waitFor();
      const query = await page.getByRole('link', { name: 'Query this' }).getAttribute('href');
      const place = new URL(query ?? '', pulser.url);
      expect(place.pathname).toBe('/ui/submit');
      const payload = JSON.parse(place.searchParams.get('payload') ?? '') as object;
      const task = await pulser.submit({ task_type: 'analytics', payload });
      expect(await ended(pulser, task)).toBe('completed');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is saved as CSV, which a task makes first',
    async () => {
      const pulser = await sharedPulser();
      await keep(pulser, 'page-csv', 'a,b\n1,x\n2,y\n');
      const open = await openDashboard({ path: '/datasets/page-csv' });
      const { page } = open;
      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download' }).click();
      await page.getByRole('menuitem', { name: 'CSV', exact: true }).click();
      const download = await saved;
      expect(download.suggestedFilename()).toBe('page-csv-v1.csv');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is compared with the version before by its key, and the address shows the comparison again',
    async () => {
      const pulser = await sharedPulser();
      await keep(pulser, 'page-diff', 'id,amount\n1,10\n2,20\n3,30\n');
      await keep(pulser, 'page-diff', 'id,amount\n1,10\n2,25\n4,40\n');
      const open = await openDashboard({ path: '/datasets/page-diff?tab=compare' });
      const { page } = open;
      await page.getByRole('checkbox', { name: 'id' }).check({ force: true });
      await page.getByRole('button', { name: 'Compare version 1 with 2' }).click();
      await page.getByText('From version 1 with 3 rows to version 2 with 3 rows, rows told apart by id.').waitFor();
      const tallies = await page.locator('.tally').allInnerTexts();
      expect(tallies.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
        '1 Added',
        '1 Removed',
        '1 Changed',
        '1 Unchanged',
      ]);
      await page.reload();
      await page.getByRole('row').filter({ hasText: 'amount' }).filter({ hasText: '20' }).getByText('25').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'has a profile that says what is odd in it',
    async () => {
      const pulser = await sharedPulser();
      await keep(pulser, 'page-profile', 'id,same\n1,x\n2,x\n3,x\n');
      const open = await openDashboard({ path: '/datasets/page-profile?tab=profile' });
      const { page } = open;
      await page.getByRole('button', { name: 'Profile version 1' }).click();
      await page.getByText('Could be a key: id.').waitFor();
      await page.getByRole('region', { name: 'Odd things' }).getByRole('rowheader', { name: 'same' }).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'shows names of columns and cells as text, whatever they look like',
    async () => {
      const pulser = await sharedPulser();
      const mark = '<img src=x onerror="document.title=\'run\'">';
      const cell = `"${mark.replaceAll('"', '""')}"`;
      await keep(pulser, 'page-hostile', `${cell},n\n${cell},1\nx,2\n`);
      const open = await openDashboard({ path: '/datasets/page-hostile' });
      const { page } = open;
      await page.getByRole('columnheader', { name: mark }).waitFor();
      for (const tab of [/^Columns/, 'Lineage', 'Versions', 'Compare', 'Profile'])
        await page.getByRole('tab', { name: tab }).click();
      expect(await page.locator('#main img, #main script').count()).toBe(0);
      expect(await page.title()).not.toContain('run');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'loses a version after a count, and says so when none is left',
    async () => {
      const pulser = await sharedPulser();
      await keep(pulser, 'page-versions', 'a\n1\n');
      await keep(pulser, 'page-versions', 'a\n1\n2\n');
      const open = await openDashboard({ path: '/datasets/page-versions?tab=versions' });
      const { page } = open;
      const versions = page.getByRole('grid', { name: /^Versions/ });
      await versions.getByRole('row').nth(2).getByRole('checkbox').check({ force: true });
      await page.getByRole('button', { name: 'Delete 1 version' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 1 version' }).click();
      await page.getByText('1 version deleted').waitFor();
      await eventually(async () => {
        expect(await pulser.call<Versions>('/api/v1/datasets/page-versions')).toMatchObject({
          versions: [{ version: 2 }],
        });
      });
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('the parts of a dataset', () => {
  it(
    'keep the rules of accessibility and fit the screen, from a phone to a wall, in both themes',
    async () => {
      const pulser = await sharedPulser();
      const name = 'page-parts';
      await keep(pulser, name, 'id,amount,note\n1,10,a\n2,20,\n3,30,c\n');
      await keep(pulser, name, 'id,amount,note\n1,10,a\n2,25,b\n4,40,c\n');
      const [diff, profile] = await Promise.all(
        [
          { operation: 'diff', from: `dataset:${name}@1`, to: `dataset:${name}@2`, key: ['id'] },
          { operation: 'profile', dataset: `dataset:${name}@2` },
        ].map((payload) => pulser.submit({ task_type: 'data_pipeline', payload })),
      );
      for (const task of [diff, profile]) expect(await ended(pulser, String(task))).toBe('completed');
      const tabs = [
        'columns',
        'lineage',
        'versions',
        `compare&from=1&key=id&diff=${String(diff)}`,
        `profile&profile=${String(profile)}`,
      ];
      const open = await openDashboard({ path: `/datasets/${name}` });
      const faults: string[] = [];
      for (const tab of tabs) {
        await open.goTo(`/datasets/${name}?tab=${tab}`);
        faults.push(...(await open.faultsOn(everyLook, `dataset-${tab.split('&')[0] ?? ''}`)));
      }
      expect(faults).toEqual([]);
      await open.close();
    },
    slow,
  );
});
