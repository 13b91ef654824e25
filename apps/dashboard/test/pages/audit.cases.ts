import type { AuditPage, NewKey } from '@pulser/contracts';

import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';

const slow = 300_000;

describePage('the audit trail', () => {
  it(
    'is narrowed by what is typed, and an entry shows its hashes and what it is chained to',
    async () => {
      const pulser = await sharedPulser();
      const { key_id: keyId } = await pulser.call<NewKey>('/api/v1/keys', { name: 'audited', role: 'viewer' });
      const { entries } = await pulser.call<AuditPage>(`/api/v1/audit?target=${keyId}`);
      const [entry] = entries;
      const seq = entry?.seq ?? 0;
      const before = await pulser.call<AuditPage>(`/api/v1/audit?before=${String(seq)}&limit=1`);
      const open = await openDashboard({ path: '/audit' });
      const { page } = open;
      await page.keyboard.press('/');
      await page.keyboard.type(`on:${keyId}`);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: `Remove the filter on ${keyId}` }).waitFor();
      expect(new URL(page.url()).search).toBe(`?target=${keyId}`);
      await page.getByRole('row').filter({ hasText: 'key.created' }).click();
      const dialog = page.getByRole('dialog', { name: /^Entry/ });
      await dialog.getByText(entry?.hash ?? 'none').waitFor();
      await dialog.getByText(before.entries[0]?.hash ?? 'none').waitFor();
      await dialog.getByText(entry?.after_digest ?? 'none').waitFor();
      await dialog.getByText('there was nothing before').waitFor();
      expect(new URL(page.url()).searchParams.get('entry')).toBe(String(seq));
      expect(await open.axe()).toEqual([]);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      expect(new URL(page.url()).search).toBe(`?target=${keyId}`);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'says in a sentence whether it is whole, and what was checked',
    async () => {
      const open = await openDashboard({ path: '/audit' });
      const { page } = open;
      await page.getByRole('button', { name: 'Check the trail' }).click();
      await page.getByText('No entry was altered, removed or moved.').waitFor();
      await page.getByText(/over \d[\d,]* entries: whether numbers follow each other/).waitFor();
      expect(await open.axe()).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is saved as a file with the filters that are shown',
    async () => {
      const open = await openDashboard({ path: '/audit?action=key.created' });
      const { page } = open;
      await page.getByRole('button', { name: 'Export' }).click();
      const href = await page.getByRole('menuitem', { name: 'NDJSON' }).getAttribute('href');
      expect(href).toBe('/api/v1/audit?action=key.created&format=ndjson');
      await open.close();
    },
    slow,
  );

  it(
    'is offered to administrators only, and says so to others',
    async () => {
      const open = await openDashboard({ path: '/', as: 'operator' });
      const { page } = open;
      await page.getByRole('navigation', { name: 'Pages' }).waitFor();
      expect(await page.getByRole('link', { name: 'Audit', exact: true }).count()).toBe(0);
      await open.goTo('/audit');
      await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
      await page.getByText('It takes the role admin, and yours is operator.').waitFor();
      expect(await open.axe()).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
