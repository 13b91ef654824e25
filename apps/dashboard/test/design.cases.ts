import { describePage, openDashboard, type OpenPage } from './dashboard-harness.js';

const slow = 300_000;

const tabs = ['controls', 'states', 'table', 'charts', 'texts'];

describePage('the parts of pages', () => {
  it(
    'keep the rules of accessibility and fit, in both themes, on a phone and on a laptop',
    async () => {
      const looks = (['light', 'dark'] as const).flatMap((theme) =>
        (['phone', 'laptop'] as const).map((screen) => ({ theme, screen })),
      );
      const open = await openDashboard({ path: '/design' });
      const faults: string[] = [];
      for (const tab of tabs) {
        await open.goTo(`/design?tab=${tab}`);
        if (tab === 'texts') await open.page.getByRole('heading', { name: 'Report' }).waitFor();
        faults.push(...(await open.faultsOn(looks, `design-${tab}`)));
      }
      expect(faults).toEqual([]);
      await open.close();
    },
    slow,
  );
});

describePage('a table of 100,000 rows', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openDashboard({ path: '/design?tab=table' });
  }, slow);

  afterAll(() => open.close());

  const drawn = (): Promise<number> => open.page.getByRole('row').count();

  it('has only the rows that are seen', async () => {
    expect(await open.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('100001');
    expect(await drawn()).toBeLessThan(60);
  });

  it('is walked and chosen from by keyboard', async () => {
    const { page } = open;
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await page.locator('[aria-rowindex="100001"]').waitFor();
    expect(await drawn()).toBeLessThan(60);
    await page.keyboard.press('Home');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('4 rows chosen').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('0 rows chosen').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('[data-current]').waitFor();
  });

  it('scrolls without long frames', async () => {
    const frames = await open.page.evaluate(async () => {
      const grid = document.querySelector('[role="grid"]');
      let last = performance.now();
      const times: number[] = [];
      for (let frame = 0; frame < 60; frame += 1) {
        if (grid !== null) grid.scrollTop += 900;
        await new Promise(requestAnimationFrame);
        times.push(performance.now() - last);
        last = performance.now();
      }
      return times.sort((one, other) => one - other);
    });
    // The middle one: a busy machine makes some of them late, a table that draws all of its rows makes every one of them last seconds.
    expect(frames[30]).toBeLessThan(500);
  });

  it('did nothing that its policy forbids', () => {
    open.expectClean();
  });
});

describePage('text that somebody wrote to be interpreted', () => {
  it(
    'is shown as it is, by every part that shows text',
    async () => {
      const open = await openDashboard({ path: '/design?tab=texts' });
      const { page } = open;
      await page.getByRole('heading', { name: 'Report' }).waitFor();
      // As text in the JSON, the Markdown, the code and the list.
      expect(await page.getByText('<script>globalThis.owned = 1</script>').count()).toBeGreaterThanOrEqual(4);
      const found = await page.evaluate(() => ({
        owned: (globalThis as { owned?: unknown }).owned,
        elements: document.querySelectorAll('main script, main iframe, main img, main svg a').length,
        links: [...document.querySelectorAll('main a')]
          .map((link) => link.getAttribute('href'))
          .filter((href) => !/^https:/.test(href ?? '')),
      }));
      expect(found).toEqual({ owned: undefined, elements: 0, links: [] });
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('a chart', () => {
  it(
    'has its figures as a table, and is saved as a picture',
    async () => {
      const open = await openDashboard({ path: '/design?tab=charts' });
      const { page } = open;
      const chart = page.getByRole('figure', { name: 'Tasks an hour, area' });
      expect(await chart.getByRole('row').count()).toBe(49);
      for (const format of ['PNG', 'SVG', 'CSV']) {
        await chart.getByRole('button', { name: /^More about/ }).click();
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('menuitem', { name: format }).click(),
        ]);
        expect(download.suggestedFilename()).toBe(`Tasks-an-hour-area.${format.toLowerCase()}`);
      }
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
