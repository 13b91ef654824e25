import { describePage, openDashboard, type OpenPage, sharedPulser, sharedScene } from './dashboard-harness.js';

const slow = 300_000;

describePage('the frame of the page', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openDashboard();
  }, slow);

  afterAll(() => open.close());

  it('says who is logged in', async () => {
    await open.page.getByRole('button', { name: /^Account.*dev.*admin$/ }).waitFor();
  });

  it('finds a page by its name, by keyboard alone', async () => {
    const { page } = open;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Search pages/ }).fill('overv');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByRole('combobox').waitFor({ state: 'detached' });
  });

  it(
    'finds an agent and a dataset by their names',
    async () => {
      const { dataset } = await sharedScene();
      const { page } = open;
      for (const [typed, name] of [
        ['dash', 'dash'],
        [`dataset ${dataset.slice(0, 3)}`, dataset],
      ] as const) {
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox', { name: /Search pages/ }).fill(typed);
        await page.getByRole('option', { name: new RegExp(`^${name}\\b`) }).click();
        await page.getByRole('heading', { level: 1, name }).waitFor();
        await page.getByRole('combobox').waitFor({ state: 'detached' });
      }
    },
    slow,
  );

  it('lists its keys', async () => {
    const { page } = open;
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Find a page, an action or an id').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('keeps the theme that was chosen', async () => {
    const { page } = open;
    await page.getByRole('button', { name: 'Dark theme' }).click();
    await page.reload();
    await open.settled();
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await page.getByRole('button', { name: 'Light theme' }).click();
  });

  it('answers a place that does not exist within the page', async () => {
    await open.goTo('/no-such-place');
    await open.page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await open.page.getByRole('navigation', { name: 'Pages' }).waitFor();
  });

  it('did nothing that its policy forbids', () => {
    open.expectClean();
  });
});

/** What a browser may load before the overview is there, in bytes as gzip packs them. */
const maxFirstLoad = 200 * 1_024;

describePage('the first visit', () => {
  it(
    'loads no more than a bound, and nothing from elsewhere',
    async () => {
      const { url } = await sharedPulser();
      const open = await openDashboard();
      const loaded = await open.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
      expect(loaded.filter((name) => !name.startsWith(`${url}/`))).toEqual([]);
      const files = [...new Set(loaded.filter((name) => name.startsWith(`${url}/ui/`)))];
      expect(files.length).toBeGreaterThan(4);
      const sizes = await Promise.all(
        files.map(async (file) => {
          const head = await fetch(file, { method: 'HEAD', headers: { 'accept-encoding': 'gzip' } });
          return Number(head.headers.get('content-length'));
        }),
      );
      expect(sizes.every((size) => size > 0)).toBe(true);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(maxFirstLoad);
      await open.close();
    },
    slow,
  );
});

describePage('a login', () => {
  it(
    'by key leads back to where one wanted to go, and a logout out of every tab',
    async () => {
      const open = await openDashboard({ path: '/design?tab=states', as: 'nobody' });
      const { page } = open;
      // Asking who is logged in is answered with 401, which browsers log.
      open.expected.push(/401/);
      await page.getByLabel('API key').fill('pulser_wrong');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('alert').waitFor();
      await page.getByLabel('API key').fill(await (await sharedPulser()).keyOf('viewer'));
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Design' }).waitFor();
      expect(new URL(page.url()).search).toBe('?tab=states');
      const other = await page.context().newPage();
      await other.goto('/ui/');
      await other.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'Log out' }).click();
      await page.getByRole('heading', { name: 'Log in to Pulser' }).waitFor();
      await other.getByRole('heading', { name: 'Log in to Pulser' }).waitFor();
      await other.getByText('You were logged out in another tab of this browser.').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('a link to the login', () => {
  it.each([
    'https://evil.example/phish',
    '//evil.example/x',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
  ])(
    'leads nowhere but into the page: %j',
    async (back) => {
      const open = await openDashboard({ path: `/login?back=${encodeURIComponent(back)}`, as: 'nobody' });
      const { page } = open;
      const { origin } = new URL(page.url());
      const elsewhere: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(`${origin}/`)) elsewhere.push(request.url());
      });
      await page.getByLabel('API key').fill(await (await sharedPulser()).keyOf('viewer'));
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      expect(new URL(page.url()).href).toBe(`${origin}/ui/`);
      expect(elsewhere).toEqual([]);
      await open.close();
    },
    slow,
  );
});

describePage('a session that ends', () => {
  it(
    'leads to the login once, which says why, and back to where one was',
    async () => {
      const pulser = await sharedPulser();
      const made = await pulser.call<{ key: string; key_id: string }>('/api/v1/keys', { name: 'ends', role: 'viewer' });
      const open = await openDashboard({ path: '/tasks', as: 'nobody' });
      const { page } = open;
      await page.getByLabel('API key').fill(made.key);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor();
      await pulser.call(`/api/v1/keys/${made.key_id}`, undefined, 'DELETE');
      await page.getByRole('heading', { name: 'Log in to Pulser' }).waitFor();
      expect(new URL(page.url()).searchParams.get('back')).toBe('/tasks');
      await page.getByRole('status').getByText('The key that you logged in with was revoked.').waitFor();
      await page.getByLabel('API key').fill(await pulser.keyOf('viewer'));
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor();
      // Who is logged in has nothing to do at the login.
      await open.goTo('/login?back=%2Fagents');
      await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor();
      await open.close();
    },
    slow,
  );
});

describePage('who is not logged in', () => {
  it(
    'is led to the login, and would come back from there',
    async () => {
      const open = await openDashboard({ path: '/?x=1', as: 'nobody' });
      await open.page.getByRole('heading', { name: 'Log in to Pulser' }).waitFor();
      expect(new URL(open.page.url()).searchParams.get('back')).toBe('/?x=1');
      await open.close();
    },
    slow,
  );

  it(
    'gets the page with a policy without exceptions, and its files for ever',
    async () => {
      const { url } = await sharedPulser();
      const index = await fetch(`${url}/ui/any/place`);
      const policy = index.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(index.headers.get('cache-control')).toBe('no-store');
      const script = /\/ui\/assets\/[\w.-]+\.js/.exec(await index.text())?.[0] ?? '';
      const file = await fetch(url + script, { headers: { 'accept-encoding': 'gzip' } });
      expect([file.status, file.headers.get('cache-control'), file.headers.get('content-encoding')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
        'gzip',
      ]);
      expect((await fetch(`${url}/ui/assets/gone.js`)).status).toBe(404);
    },
    slow,
  );

  it('comes from / to the page with a browser, and to links with a program', async () => {
    const { url } = await sharedPulser();
    const browser = await fetch(url, { headers: { accept: 'text/html' }, redirect: 'manual' });
    expect([browser.status, browser.headers.get('location')]).toEqual([302, '/ui/']);
    expect(await (await fetch(url)).json()).toMatchObject({ links: { page: '/ui/' } });
  });
});
