import type { DestinationList } from '@pulser/contracts';

import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';

const slow = 300_000;

describePage('a destination', () => {
  it(
    'is added, asked to confirm, shows what was sent, and is deleted',
    async () => {
      const pulser = await sharedPulser();
      const list = async (): Promise<DestinationList['destinations']> =>
        (await pulser.call<DestinationList>('/api/v1/destinations')).destinations;
      const open = await openDashboard({ path: '/destinations' });
      // A code that is none, and a second one within a minute, are the cases.
      open.expected.push(/status of (404|429)/);
      const { page } = open;
      await page.getByText('No destination yet').waitFor();
      await page.getByRole('button', { name: 'Add a destination' }).click();
      const form = page.getByRole('dialog', { name: 'Add a destination' });
      await form.getByLabel('Name').fill('On call');
      await form.getByText(/A small letter, then/).waitFor();
      expect(await form.getByRole('button', { name: 'Add it' }).isDisabled()).toBe(true);
      await form.getByLabel('Name').fill('on-call');
      await form.getByLabel('Address').fill('on-call@example.com');
      await form.getByText('Quiet hours: what is not critical waits').click();
      expect(await open.axe()).toEqual([]);
      await open.picture('destination-form');
      await form.getByRole('button', { name: 'Add it' }).click();
      const dialog = page.getByRole('dialog', { name: 'on-call' });
      await dialog.getByText('not yet: nothing but the code is sent to it').waitFor();
      expect(await list()).toMatchObject([
        { name: 'on-call', to: 'on-call@example.com', quiet: { from: '22:00', to: '07:00', time_zone: 'UTC' } },
      ]);
      await dialog.getByRole('button', { name: 'Change' }).click();
      const change = page.getByRole('dialog', { name: 'Change on-call' });
      await change.getByLabel('From').fill('25:00');
      await change.getByText('A time of day such as 22:00.').waitFor();
      expect(await change.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
      await change.getByLabel('From').fill('23:30');
      await change.getByRole('button', { name: 'Save' }).click();
      await dialog.getByText('23:30 to 07:00, UTC').waitFor();
      expect(await list()).toMatchObject([
        { name: 'on-call', quiet: { from: '23:30', to: '07:00', time_zone: 'UTC' } },
      ]);
      // This Pulser has no mail server, and says so.
      await dialog.getByText(/SMTP_URL is not set/).waitFor();
      await dialog.getByLabel('Code that the receiver got').fill('AAAAA-AAAAA-AAAAA-AAAAA');
      await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
      await dialog.getByText(/There is no such code/).waitFor();
      await dialog.getByRole('button', { name: 'Send another code' }).click();
      await dialog.getByText(/within the last minute/).waitFor();
      expect(await open.axe()).toEqual([]);
      await open.picture('destination');
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 1 destination' }).click();
      await page.getByText('on-call is deleted').waitFor();
      expect(await list()).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is confirmed by its receiver, who has no login, by a click and not by the link',
    async () => {
      const open = await openDashboard({ path: '/confirm?code=AAAAA-AAAAA-AAAAA-AAAAA', as: 'nobody' });
      open.expected.push(/status of 404/);
      const { page } = open;
      expect(await page.getByLabel('Code that the receiver got').inputValue()).toBe('AAAAA-AAAAA-AAAAA-AAAAA');
      expect(open.faults).toEqual([]);
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.getByText(/There is no such code/).waitFor();
      expect(await open.axe()).toEqual([]);
      await open.picture('confirm');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is seen by operators, who cannot add one',
    async () => {
      const open = await openDashboard({ path: '/destinations', as: 'operator' });
      await open.page.getByText(/Administrators add them/).waitFor();
      expect(await open.page.getByRole('button', { name: 'Add a destination' }).count()).toBe(0);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
