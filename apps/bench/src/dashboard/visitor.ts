// A person with a browser: logs in, opens places, and sees when their content is there.
import { launchBrowser, findBrowser } from '@pulser/testing/browser';
import { Unavailable } from '@pulser/harness';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';

import type { Visit } from './visits.js';

/** As much of the browser's document as is asked for here. */
interface Drawn {
  readonly document: {
    querySelector(selector: string): object | null;
    querySelectorAll(selector: string): ArrayLike<object>;
  };
}

/** Longer than this a page does not take; it is a failure then. In milliseconds. */
const patienceMs = 60_000;

/** @throws Unavailable when this machine has no browser */
export const openBrowser = (): Promise<Browser> => {
  const { path, reason } = findBrowser();
  if (path === undefined) throw new Unavailable(reason);
  return launchBrowser(path);
};

/** A profile of its own: nothing is cached in it but its session. */
export class Visitor {
  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  /** Logs in, as the login page does it. @param url of the gateway @param key an API key */
  static async logIn(browser: Browser, url: string, key: string): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: url,
      viewport: { width: 1280, height: 800 },
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    await page.goto('/ui/theme.js');
    const status = await page.evaluate(async (secret) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch('/api/v1/sessions', {
        method: 'POST',
        headers,
        body: JSON.stringify({ key: secret }),
      });
      return answer.status;
    }, key);
    if (status !== 201) throw new Error(`the login was answered with ${status}`);
    return new Visitor(context, page);
  }

  /** Reports the requests of the page from here on. */
  onRequest(listener: (request: Request) => void): void {
    this.page.on('request', listener);
  }

  /** Opens a place anew. @returns milliseconds until its content is there @throws when it is not within a minute */
  async open({ name, place, content, least = 1 }: Visit): Promise<number> {
    const started = performance.now();
    try {
      await this.page.goto(`/ui${place}`, { waitUntil: 'commit', timeout: patienceMs });
      await this.page.waitForFunction(
        ([selector, count]) => {
          const { document } = globalThis as unknown as Drawn;
          const isLoading = document.querySelector('h1') === null || document.querySelector('.skeleton') !== null;
          return !isLoading && document.querySelectorAll(selector).length >= count;
        },
        [content, least] as const,
        { timeout: patienceMs, polling: 'raf' },
      );
    } catch (error) {
      const shown = await this.page
        .locator('main')
        .innerText({ timeout: 1_000 })
        .catch(() => '');
      throw new Error(`${name}: its content did not come; the page shows: ${shown.slice(0, 300)}`, { cause: error });
    }
    return performance.now() - started;
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
