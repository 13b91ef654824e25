import type { SecretList } from '@pulser/contracts';

import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';

const slow = 300_000;

const value = 'canary-of-the-page';

describePage('a secret', () => {
  it(
    'is written, replaced and deleted, and its value is never shown',
    async () => {
      const pulser = await sharedPulser();
      const list = async (): Promise<SecretList['secrets']> =>
        (await pulser.call<SecretList>('/api/v1/secrets')).secrets.filter(({ name }) => name === 'of-the-page');
      const open = await openDashboard({ path: '/secrets' });
      const { page } = open;
      await page.getByRole('button', { name: 'Write a secret' }).click();
      const form = page.getByRole('dialog', { name: 'Write a secret' });
      await form.getByLabel('Name').fill('of-the-page');
      await form.getByLabel('Value').fill(value);
      const hosts = form.getByLabel('Hosts that it may go to');
      await hosts.fill('https://api.example.com/path');
      await form.getByText(/Line 1 is no host/).waitFor();
      expect(await form.getByRole('button', { name: 'Write it' }).isDisabled()).toBe(true);
      await hosts.fill('api.example.com\n*.example.com:8443');
      expect(await open.axe()).toEqual([]);
      await form.getByRole('button', { name: 'Write it' }).click();
      const row = page.getByRole('row').filter({ hasText: 'of-the-page' });
      await row.waitFor();
      expect(await list()).toMatchObject([
        { version: 1, hosts: [{ host: 'api.example.com' }, { host: '*.example.com', ports: [8_443] }] },
      ]);
      await row.click();
      await page.getByRole('dialog', { name: 'of-the-page' }).getByRole('button', { name: 'Replace' }).click();
      const again = page.getByRole('dialog', { name: 'Replace of-the-page' });
      expect(await again.getByLabel('New value').inputValue()).toBe('');
      await again.getByLabel('New value').fill(`${value}-2`);
      await again.getByRole('button', { name: 'Replace it' }).click();
      await page.getByText('of-the-page is replaced: version 2').waitFor();
      expect(await list()).toMatchObject([{ version: 2, hosts: [{ host: 'api.example.com' }, {}] }]);
      expect(await page.content()).not.toContain(value);
      await page.getByRole('dialog', { name: 'of-the-page' }).getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 1 secret' }).click();
      await page.getByText('of-the-page is deleted').waitFor();
      expect(await list()).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is seen by operators, who cannot write one',
    async () => {
      const pulser = await sharedPulser();
      await pulser.call('/api/v1/secrets/seen-by-operators', { value }, 'PUT');
      const open = await openDashboard({ path: '/secrets', as: 'operator' });
      const { page } = open;
      await page.getByRole('row').filter({ hasText: 'seen-by-operators' }).click();
      await page
        .getByRole('dialog', { name: 'seen-by-operators' })
        .getByText(/only services of Pulser/)
        .waitFor();
      expect(await page.getByRole('button', { name: /Replace|Delete|Write a secret/ }).count()).toBe(0);
      open.expectClean();
      await open.close();
      await pulser.call('/api/v1/secrets/seen-by-operators', undefined, 'DELETE');
    },
    slow,
  );
});
