import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';

const slow = 300_000;

describePage('a login at the identity provider that failed', () => {
  it(
    'is explained in a sentence, and who can log in is said beside it',
    async () => {
      const open = await openDashboard({ path: '/login?failed=no_rights', as: 'nobody' });
      const { page } = open;
      await page
        .getByRole('alert')
        .getByText(/have no rights here/)
        .waitFor();
      await page.getByText('Who can log in?').click();
      await page.getByText(/Every key of the installation/).waitFor();
      await open.picture('login-failed');
      expect(await open.axe()).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'says nothing that somebody else wrote into a link',
    async () => {
      const text = 'Your account is locked';
      const open = await openDashboard({ path: `/login?failed=${encodeURIComponent(text)}`, as: 'nobody' });
      const { page } = open;
      await page.getByLabel('API key').waitFor();
      expect(await page.getByText(text).count()).toBe(0);
      expect(await page.getByRole('alert').count()).toBe(0);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('a login with a key of the installation', () => {
  it(
    'opens the pages about what all tenants share, and no others',
    async () => {
      const key = await (await sharedPulser()).installationKey();
      const open = await openDashboard({ path: '/login', as: 'nobody' });
      const { page } = open;
      await page.getByLabel('API key').fill(key);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor();
      await page
        .getByRole('grid', { name: /^Agents/ })
        .getByRole('row')
        .filter({ hasText: 'dash' })
        .waitFor();
      const nav = page.getByRole('navigation').first();
      expect((await nav.getByRole('link').allTextContents()).map((text) => text.trim())).toEqual([
        expect.stringContaining('Incidents'),
        expect.stringContaining('Agents'),
        expect.stringContaining('Tool definitions'),
        expect.stringContaining('Audit'),
        expect.stringContaining('Keys and sessions'),
        expect.stringContaining('Destinations'),
      ]);
      for (const [path, name] of [
        ['/audit', /session\.created/],
        ['/keys', /operator/],
      ] as const) {
        await open.goTo(path);
        await page.getByRole('row').filter({ hasText: name }).first().waitFor();
        expect(await open.axe()).toEqual([]);
      }
      await open.picture('installation-sessions');
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
