import type { QuotasView } from '@pulser/contracts';

import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';

const slow = 300_000;

const hosts = '/api/v1/settings/allowed-hosts';

describePage('the settings', () => {
  it(
    'take a host from the form, and say beside the field what is wrong with another',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/settings' });
      const { page } = open;
      const form = page.getByRole('form', { name: 'Allowed hosts' });
      await form.getByRole('button', { name: 'Add a host' }).click();
      await form.getByRole('textbox', { name: 'Host' }).fill('https://api.example.com/');
      await form.getByRole('textbox', { name: 'Ports' }).fill('443, 8443');
      // What is refused is a failed request, which browsers log.
      open.expected.push(/400|422/);
      await form.getByRole('button', { name: 'Save allowed hosts' }).click();
      await form
        .getByText(/A host as URLs spell it/)
        .first()
        .waitFor();
      await form.getByRole('textbox', { name: 'Host' }).fill('api.example.com');
      await form.getByRole('button', { name: 'Save allowed hosts' }).click();
      await page.getByText('The setting is saved').waitFor();
      expect(await pulser.call(hosts)).toMatchObject({
        value: [{ host: 'api.example.com', ports: [443, 8_443], schemes: ['https'] }],
      });
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'show what is used of each limit',
    async () => {
      const pulser = await sharedPulser();
      const { today } = await pulser.call<QuotasView>('/api/v1/quotas');
      const open = await openDashboard({ path: '/settings' });
      const row = open.page.getByRole('row').filter({ hasText: 'Tasks of today' });
      await row.getByRole('cell', { name: today.quota.toLocaleString('en'), exact: true }).waitFor();
      expect(await open.axe()).toEqual([]);
      await open.picture('limits');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'are not overwritten when somebody else was faster',
    async () => {
      const pulser = await sharedPulser();
      await pulser.call(hosts, { value: [{ host: 'before.example.com' }] }, 'PUT');
      const open = await openDashboard({ path: '/settings' });
      const { page } = open;
      const form = page.getByRole('form', { name: 'Allowed hosts' });
      await form.getByRole('textbox', { name: 'Host' }).fill('mine.example.com');
      await pulser.call(hosts, { value: [{ host: 'theirs.example.com' }] }, 'PUT');
      open.expected.push(/412/);
      await form.getByRole('button', { name: 'Save allowed hosts' }).click();
      await form.getByText('Somebody changed the setting meanwhile').waitFor();
      expect(await pulser.call(hosts)).toMatchObject({ value: [{ host: 'theirs.example.com' }] });
      await form.getByRole('button', { name: 'Show theirs' }).click();
      await page.waitForFunction(
        () => document.querySelector<HTMLInputElement>('form input')?.value === 'theirs.example.com',
      );
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'keep labels of tasks, and lead to who changed them',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/settings' });
      const { page } = open;
      const form = page.getByRole('form', { name: 'Task labels' });
      await form.getByRole('button', { name: 'Add a label' }).click();
      await form.getByRole('textbox').last().fill('customer');
      await form.getByRole('button', { name: 'Save task labels' }).click();
      await page.getByText('The setting is saved').waitFor();
      expect(await pulser.call('/api/v1/settings/task-labels')).toMatchObject({ value: ['customer'] });
      const history = await page.getByRole('link', { name: 'History of task labels' }).getAttribute('href');
      expect(history).toContain('/audit?target=task-labels');
      const audit = await pulser.call<{ entries: { targets: string[] }[] }>('/api/v1/audit?target=task-labels');
      expect(audit.entries.length).toBeGreaterThan(0);
      await form.getByRole('button', { name: 'Use the default' }).click();
      await page.getByRole('button', { name: 'Delete 1 setting' }).click();
      await page.getByText('The default holds again').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'name tools for the roles of persons, and say which name is none',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/settings' });
      const { page } = open;
      const form = page.getByRole('form', { name: 'Tools of persons' });
      const field = form.getByRole('textbox', { name: 'Tools of the role admin' });
      await field.fill('read kubernetes/*');
      open.expected.push(/400|422/);
      await form.getByRole('button', { name: 'Save tools of persons' }).click();
      await form
        .getByText(/The name of a tool, in which/)
        .first()
        .waitFor();
      await field.fill('read, kubernetes__*');
      await form.getByRole('button', { name: 'Save tools of persons' }).click();
      await page.getByText('The setting is saved').waitFor();
      expect(await pulser.call('/api/v1/settings/person-tools')).toMatchObject({
        value: { admin: ['read', 'kubernetes__*'] },
      });
      expect(await open.axe()).toEqual([]);
      await pulser.call('/api/v1/settings/person-tools', undefined, 'DELETE');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'are read by operators, and changed by none of them',
    async () => {
      const open = await openDashboard({ path: '/settings', as: 'operator' });
      const { page } = open;
      await page.getByText('Administrators change them; you can read them.').waitFor();
      expect(await page.getByRole('button', { name: /^Save/ }).count()).toBe(0);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
