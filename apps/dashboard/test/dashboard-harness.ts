// What the specs of pages share: one Pulser and one browser, and pages in it that are opened as somebody.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { RoleName } from '@pulser/contracts';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import { findBrowser, launchBrowser } from '@pulser/testing/browser';
import { Pulser } from './pulser.js';
import { makeScene, type Scene } from './scene.js';

export interface OpenOptions {
  /** Place in the page, with its query: `/tasks?status=failed`. */
  readonly path?: string;
  readonly theme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  /** An administrator unless said otherwise; `nobody` is not logged in. */
  readonly as?: RoleName | 'nobody';
}

/** Sizes that every page must look good in, from a phone to a wall. */
export const viewports = {
  phone: { width: 360, height: 740 },
  laptop: { width: 1280, height: 800 },
  wall: { width: 2560, height: 1440 },
} as const;

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Folder for pictures, outside the repository; none are made without it. */
const pictures = process.env['PULSER_SCREENSHOTS'];

/** A page that is open in the browser, and what it did wrong so far. */
export class OpenPage {
  /** Violations of the Content-Security-Policy, errors of scripts, and what was logged as an error. */
  readonly faults: string[] = [];
  /** Texts of faults that the case is about: `expectClean` passes over them. */
  readonly expected: RegExp[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {}

  static async open(browser: Browser, pulser: Pulser, options: OpenOptions): Promise<OpenPage> {
    const { path = '/', theme = 'light', viewport = viewports.laptop, as = 'admin' } = options;
    const context = await browser.newContext({
      baseURL: pulser.url,
      viewport,
      colorScheme: theme,
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    const opened = new OpenPage(await context.newPage(), context);
    await opened.watch();
    if (as !== 'nobody') await opened.logIn(pulser, as);
    await opened.goTo(path);
    return opened;
  }

  /** Goes to a place in the page and waits until it is drawn and nothing is being loaded. */
  async goTo(path: string): Promise<void> {
    await this.page.goto(`/ui${path}`);
    await this.settled();
  }

  /** Waits until the page has its heading, and its requests but for the stream are answered. */
  async settled(): Promise<void> {
    await this.page.locator('h1').first().waitFor();
    await this.page.waitForFunction(() => document.querySelector('.skeleton:not(.design-form *)') === null);
    await this.page.evaluate(() => document.fonts.ready.then(() => undefined));
  }

  /** What axe-core finds wrong on the page as it is shown now, as readable lines. */
  async axe(): Promise<string[]> {
    await this.page.evaluate(axeSource);
    const { violations } = await this.page.evaluate(() =>
      (globalThis as unknown as { axe: { run: (context: object, options: object) => Promise<AxeResults> } }).axe.run(
        // What react-aria had read out by a screen reader stays there for some seconds, also when what it names is gone.
        { exclude: [['[data-live-announcer]']] },
        {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        },
      ),
    );
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ html, failureSummary = '' }) =>
          `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary.replaceAll('\n', ' ')}`,
      ),
    );
  }

  /** A picture of what is seen, into the folder that PULSER_SCREENSHOTS names. */
  async picture(name: string): Promise<void> {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** Whether something is wider than the window, so that the whole page would scroll sideways. */
  overflows(): Promise<boolean> {
    return this.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  }

  /** Nothing broke the policy, no script failed, nothing was logged as an error. */
  expectClean(): void {
    expect(this.faults.filter((fault) => !this.expected.some((pattern) => pattern.test(fault)))).toEqual([]);
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  private async watch(): Promise<void> {
    const report = (fault: string): void => {
      this.faults.push(fault);
    };
    await this.context.exposeBinding('reportViolation', (_source, fault: string) => {
      report(`CSP: ${fault}`);
    });
    await this.context.addInitScript(() => {
      document.addEventListener(
        'securitypolicyviolation',
        ({ violatedDirective, blockedURI, sourceFile, lineNumber, sample }) => {
          const { reportViolation } = globalThis as unknown as { reportViolation: (fault: string) => void };
          reportViolation(`${violatedDirective} ${blockedURI} ${sourceFile}:${String(lineNumber)} ${sample}`);
        },
      );
    });
    this.page.on('pageerror', (error) => {
      report(`error: ${error.stack ?? error.message}`);
    });
    this.page.on('console', (message) => {
      if (message.type() === 'error') report(`console: ${message.text()} ${message.location().url}`);
    });
  }

  /** As the login page does it, without typing. */
  private async logIn(pulser: Pulser, role: RoleName): Promise<void> {
    const key = await pulser.keyOf(role);
    await this.page.goto('/ui/theme.js');
    const status = await this.page.evaluate(async (secret) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/api/v1/sessions', { method: 'POST', headers, body: JSON.stringify({ key: secret }) }))
        .status;
    }, key);
    if (status !== 201) throw new Error(`The login was answered with ${status}`);
  }
}

class Shared {
  private pulserStart: Promise<Pulser> | undefined;
  private browserStart: Promise<Browser> | undefined;
  private sceneMade: Promise<Scene> | undefined;

  pulser(): Promise<Pulser> {
    return (this.pulserStart ??= Pulser.start());
  }

  scene(): Promise<Scene> {
    return (this.sceneMade ??= this.pulser().then(makeScene));
  }

  browser(path: string): Promise<Browser> {
    return (this.browserStart ??= launchBrowser(path));
  }

  async stop(): Promise<void> {
    await (await this.browserStart)?.close();
    await (await this.pulserStart)?.stop();
  }
}

const shared = new Shared();
const browser = findBrowser();

/** The one Pulser of a spec file, which its first caller starts. */
export const sharedPulser = (): Promise<Pulser> => shared.pulser();

/** Things to look at, made by real agents for the first caller. */
export const sharedScene = (): Promise<Scene> => shared.scene();

/** Opens a place of the page in a browser that nobody else uses. Close it: it is a whole profile. */
export const openDashboard = async (options: OpenOptions = {}): Promise<OpenPage> => {
  if (browser.path === undefined) throw new Error(browser.reason);
  const pulser = await shared.pulser();
  return OpenPage.open(await shared.browser(browser.path), pulser, options);
};

const describeWhere = (name: string, cases: () => void): void => {
  if (browser.path === undefined) describe.skip(`${name} (${browser.reason})`, cases);
  else describe(name, cases);
};

/** `describe` where there is a browser; else its cases are skipped, with the reason. `each` as in Jest, for words. */
export const describePage = Object.assign(describeWhere, {
  each:
    <T extends string>(words: readonly T[]) =>
    (name: string, cases: (word: T) => void): void => {
      for (const word of words)
        describeWhere(name.replace('%s', word), () => {
          cases(word);
        });
    },
});

/** To be called when all cases of the spec file are done. */
export const stopShared = (): Promise<void> => shared.stop();
