import { eventually } from '@pulser/testing';

import { describePage, openDashboard, sharedPulser } from './dashboard-harness.js';
import type { Pulser } from './pulser.js';
import { ended, goodTask } from './scene.js';

const slow = 300_000;

const gauge = async (pulser: Pulser, name: string): Promise<number> => {
  const text = await (await fetch(`${pulser.url}/metrics`)).text();
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
};

describePage('the one stream of a browser', () => {
  it(
    'is shared by twenty tabs, all of which stay usable',
    async () => {
      const pulser = await sharedPulser();
      await eventually(async () => {
        expect(await gauge(pulser, 'pulser_tenant_streams')).toBe(0);
      });
      const open = await openDashboard();
      const tabs = [open.page];
      for (let tab = 1; tab < 20; tab += 1) {
        const page = await open.page.context().newPage();
        await page.goto('/ui/');
        tabs.push(page);
      }
      for (const page of tabs) await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
      expect(await gauge(pulser, 'pulser_tenant_streams')).toBe(1);
      // Requests go through in every one of them, though a browser has six connections to a server.
      const last = tabs.at(-1) ?? open.page;
      await last.reload();
      await last.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      open.expectClean();
      await open.close();
      await eventually(async () => {
        expect(await gauge(pulser, 'pulser_tenant_streams')).toBe(0);
      });
    },
    slow,
  );

  it(
    'is mended after a kill -9 of the gateway, and the login outlives it',
    async () => {
      const pulser = await sharedPulser();
      const open = await openDashboard();
      const { page } = open;
      // While the server is away, requests fail: that is what this is about.
      open.expected.push(/ERR_CONNECTION|Failed to load resource|net::ERR/);
      await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
      await pulser.kill();
      await page.getByRole('status').filter({ hasText: 'Connection lost' }).waitFor();
      await pulser.restart();
      await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
      const task = await pulser.submit(goodTask);
      expect(await ended(pulser, task)).toBe('completed');
      await page.reload();
      await open.settled();
      await page.getByRole('button', { name: /^Account.*dev.*admin$/ }).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );
});
