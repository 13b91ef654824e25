import type { KeyList, NewKey } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';

const slow = 300_000;

const statusOf = async (headers: Readonly<Record<string, string>>): Promise<number> =>
  (await fetch(`${(await sharedPulser()).url}/api/v1/me`, { headers })).status;

const withKey = (key: string): Promise<number> => statusOf({ authorization: `Bearer ${key}` });

describePage('a key', () => {
  it(
    'is made, shown once, and gone from the page when that is over',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard({ path: '/keys' });
      const { page } = open;
      await page.getByRole('tab', { name: 'Keys' }).waitFor();
      await page.keyboard.press('c');
      const form = page.getByRole('dialog', { name: 'Create a key' });
      await form.getByLabel('Name').fill('made on the page');
      await form.getByRole('button', { name: /Role/ }).click();
      await page.getByRole('option', { name: 'viewer' }).click();
      // A viewer submits nothing, whatever could be chosen.
      await form.getByText('What it may submit').waitFor({ state: 'detached' });
      await form.getByRole('button', { name: /Role/ }).click();
      await page.getByRole('option', { name: 'operator' }).click();
      await form.getByText('Of some types only').click();
      await form.getByText('analytics', { exact: true }).click();
      expect(await open.axe()).toEqual([]);
      await form.getByRole('button', { name: 'Create the key' }).click();
      const made = page.getByRole('alertdialog', { name: 'The key made on the page' });
      const key = (await made.getByRole('group', { name: 'Key' }).innerText()).trim();
      expect(await open.axe()).toEqual([]);
      const command = await made.getByRole('group', { name: 'Command' }).innerText();
      expect(command.trim()).toBe(`curl -sS ${pulser.url}/api/v1/me -H 'Authorization: Bearer ${key}'`);
      expect(await withKey(key)).toBe(200);
      // Neither a slip of the finger nor a press beside it loses the key.
      await page.keyboard.press('Escape');
      await made.waitFor();
      expect(await made.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
      await made.getByText('I have kept the key').click();
      await made.getByRole('button', { name: 'Done' }).click();
      await made.waitFor({ state: 'detached' });
      await page.getByRole('row').filter({ hasText: 'made on the page' }).filter({ hasText: 'in 90 days' }).waitFor();
      expect(await page.content()).not.toContain(key);
      const { keys } = await pulser.call<KeyList>('/api/v1/keys');
      expect(keys.find(({ name }) => name === 'made on the page')).toMatchObject({
        role: 'operator',
        allowed_task_types: ['analytics'],
        expires_at: expect.any(String) as string,
      });
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is rotated with a time in which both are valid, and revoked after a question',
    async () => {
      const pulser = await sharedPulser();
      const { key: old, key_id: id } = await pulser.call<NewKey>('/api/v1/keys', { name: 'to turn', role: 'viewer' });
      const open = await openDashboard({ path: `/keys?open=${id}` });
      const { page } = open;
      await page.getByRole('dialog', { name: 'to turn' }).getByRole('button', { name: 'Rotate' }).click();
      await page.getByRole('button', { name: 'Make the new key' }).click();
      const made = page.getByRole('alertdialog', { name: 'The key to turn' });
      const key = (await made.getByRole('group', { name: 'Key' }).innerText()).trim();
      expect([await withKey(old), await withKey(key)]).toEqual([200, 200]);
      await made.getByText('I have kept the key').click();
      await made.getByRole('button', { name: 'Done' }).click();
      await open.goTo(`/keys?open=${id}`);
      await page.getByRole('dialog', { name: 'to turn' }).getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke 1 key' }).click();
      await page.getByText('to turn is revoked').waitFor();
      await eventually(async () => {
        expect([await withKey(old), await withKey(key)]).toEqual([401, 200]);
      });
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

/** Logs a browser in that this case does not see. @returns its cookie */
const loggedIn = async (key: string): Promise<string> => {
  const response = await fetch(`${(await sharedPulser()).url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  expect(response.status).toBe(201);
  return (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
};

describePage('the sessions of a key', () => {
  it(
    'are listed for whoever they are of, and all but this one are ended together',
    async () => {
      const pulser = await sharedPulser();
      const { key } = await pulser.call<NewKey>('/api/v1/keys', { name: 'many tabs', role: 'viewer' });
      const cookies = [await loggedIn(key), await loggedIn(key)];
      const open = await openDashboard({ path: '/keys', as: 'nobody' });
      const { page } = open;
      // Asking who is logged in is answered with 401, which browsers log.
      open.expected.push(/401/);
      await page.getByLabel('API key').fill(key);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Keys and sessions' }).waitFor();
      expect(await page.getByRole('tab').count()).toBe(0);
      await page.getByRole('row').filter({ hasText: 'This one' }).waitFor();
      expect(await page.getByRole('grid', { name: /^Sessions/ }).getAttribute('aria-rowcount')).toBe('4');
      await page.getByRole('button', { name: 'End 2 others' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'End 2 sessions' }).click();
      await page.getByText('2 sessions ended', { exact: true }).waitFor();
      await eventually(async () => {
        expect(await Promise.all(cookies.map((cookie) => statusOf({ cookie })))).toEqual([401, 401]);
      });
      await page.getByText('1 session', { exact: true }).waitFor();
      await page.getByRole('row').filter({ hasText: 'This one' }).click();
      await page.getByRole('dialog', { name: 'Session of many tabs' }).getByRole('button', { name: 'Log out' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'End 1 session' }).click();
      await page.getByRole('heading', { name: 'Log in to Pulser' }).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'are those of the whole tenant for administrators',
    async () => {
      const pulser = await sharedPulser();
      const { key } = await pulser.call<NewKey>('/api/v1/keys', { name: 'somebody else', role: 'viewer' });
      await loggedIn(key);
      const open = await openDashboard({ path: '/keys?tab=sessions' });
      const { page } = open;
      await page.getByRole('row').filter({ hasText: 'This one' }).waitFor();
      expect(await page.getByRole('row').filter({ hasText: 'somebody else' }).count()).toBe(0);
      await page.getByText('Of the whole tenant').click();
      await page.getByRole('row').filter({ hasText: 'somebody else' }).first().waitFor();
      expect(new URL(page.url()).search).toBe('?tab=sessions&whose=all');
      expect(await open.axe()).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
