// A person at work in the page, from the link that `npm start` prints on: once by mouse only, once by keyboard only.
import { eventually } from '@pulser/testing';
import type { Locator } from 'playwright-core';

import { describePage, openDashboard, type OpenPage, sharedPulser } from './dashboard-harness.js';
import { Person } from './person.js';

const slow = 300_000;

/** Of the example that the form is filled with. */
const question = 'select region, sum(amount) as revenue, min(day) as month from orders group by region order by region';

/** The text of an editor. Lines that it has wrapped are one line: only what begins a new one does so in the text. */
const shownIn = (editor: Locator): Promise<string> =>
  editor.evaluate((element) =>
    [...element.querySelectorAll('.cm-line')].map(({ textContent }) => textContent).join('\n'),
  );

describePage('the link of npm start', () => {
  it(
    'opens the page logged in, once, and leaves no code in the address',
    async () => {
      const pulser = await sharedPulser();
      const link = pulser.loginLink;
      const open = await openDashboard({ as: 'nobody', path: '/login' });
      // Asking who is logged in is answered with 401, which browsers log.
      open.expected.push(/401/);
      await open.page.goto('about:blank');
      await open.page.goto(link);
      await open.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      expect(open.page.url()).toBe(`${pulser.url}/ui/`);
      open.expectClean();
      await open.close();

      const again = await openDashboard({ as: 'nobody', path: '/login' });
      again.expected.push(/401/);
      await again.page.goto('about:blank');
      await again.page.goto(link);
      await again.page.getByRole('alert').waitFor();
      expect(again.page.url()).not.toContain('code=');
      again.expectClean();
      await again.close();
    },
    slow,
  );
});

describePage.each(['mouse', 'keyboard'] as const)('a person with a %s only', (hands) => {
  let open: OpenPage;
  let person: Person;

  beforeAll(async () => {
    open = await openDashboard();
    person = new Person(open.page, hands);
  }, slow);

  afterAll(() => open.close());

  it('changes the theme and finds the keys', async () => {
    await person.press('button', 'Dark theme');
    await person.press('button', 'Light theme');
    await person.press('button', 'Keys');
    await open.page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await person.press('button', 'Close');
    await open.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('follows a number to its rows', async () => {
    await person.goTo('Overview');
    await person.press('link', /^Running/);
    await open.page.waitForURL(/\/ui\/tasks\?status=running$/);
  });

  it(
    'submits from the form, watches it live, and opens the chart',
    async () => {
      const { page } = open;
      await person.goTo('Submit');
      await person.press('link', /^query/);
      await person.write(/^sql/, question);
      await person.press('button', /^Submit$/);
      await page.waitForURL(/\/ui\/tasks\/[\da-f-]{36}/);
      // Nothing is loaded again: the stream says that it runs and that it has ended.
      await page.getByRole('heading', { level: 1, name: 'query' }).waitFor();
      await page.getByRole('gridcell', { name: 'North' }).first().waitFor();
      await page.getByText('Completed').first().waitFor();
      await person.press('tab', /^Files/);
      const chart = page.getByRole('img', { name: /chart\.svg/ });
      await eventually(async () => {
        expect(await chart.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(100);
      });
    },
    slow,
  );

  it(
    'breaks one, and edits and replays it',
    async () => {
      const { page } = open;
      await person.press('button', 'More actions');
      await person.press('menuitem', /^Submit again with changes/);
      await person.write(/^sql/, question.replace('from orders', 'from order_s'));
      await person.press('button', /^Submit$/);
      await page.getByText('Failed').first().waitFor();
      await person.press('button', 'Edit and replay');
      const editor = page.getByRole('textbox', { name: 'Payload' });
      await editor.waitFor();
      const payload = JSON.parse(await shownIn(editor)) as { sql: string };
      await person.write('Payload', JSON.stringify({ ...payload, sql: question }, null, 2));
      await person.press('button', 'Replay with changes');
      await page.getByRole('gridcell', { name: 'North' }).first().waitFor();
      await page.getByText('Completed').first().waitFor();
      open.expectClean();
    },
    slow,
  );

  it('logs out', async () => {
    await person.press('button', /^Account/);
    await person.press('menuitem', 'Log out');
    await open.page.getByRole('heading', { name: 'Log in to Pulser' }).waitFor();
    open.expectClean();
  });
});
