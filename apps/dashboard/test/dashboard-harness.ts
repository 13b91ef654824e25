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

/** Every screen in both themes. */
export const everyLook: readonly Look[] = (['light', 'dark'] as const).flatMap((theme) =>
  (['phone', 'laptop', 'wall'] as const).map((screen) => ({ theme, screen })),
);

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Folder for pictures, outside the repository; none are made without it. */
const pictures = process.env['PULSER_SCREENSHOTS'];

/** A theme and a screen on which a page is looked at. */
export interface Look {
  readonly theme: 'light' | 'dark';
  readonly screen: keyof typeof viewports;
}

/** A page that is open in the browser, and what it did wrong so far. */
export class OpenPage {
  /** Violations of the Content-Security-Policy, errors of scripts, and what was logged as an error. */
  readonly faults: string[] = [];
  /** Texts of faults that the case is about: `expectClean` passes over them. */
  readonly expected: RegExp[] = [];

  private constructor(
    readonly page: Page,
    private readonly profile: Profile,
    private readonly letGo: () => Promise<void>,
  ) {}

  static async open(profiles: Profiles, pulser: Pulser, options: OpenOptions): Promise<OpenPage> {
    const { path = '/', theme = 'light', viewport = viewports.laptop, as = 'admin' } = options;
    const profile = await profiles.take();
    const { context } = profile;
    if (as !== 'nobody') await context.addCookies([await sessionOf(pulser, as)]);
    const page = await context.newPage();
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.setViewportSize(viewport);
    const opened = new OpenPage(page, profile, () => profiles.giveBack(profile));
    opened.watch();
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

  /** Shows it in another theme and on another screen, without loading it again. */
  async turnTo({ theme, screen }: Look): Promise<void> {
    await this.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await this.page.setViewportSize(viewports[screen]);
    // What is measured is drawn anew in the frames that follow.
    await this.page.evaluate(
      () =>
        new Promise((resolve) => {
          requestAnimationFrame(() => requestAnimationFrame(resolve));
        }),
    );
    await this.settled();
  }

  /**
   * What is wrong on each of these screens: by axe-core, with the policy, in the log, or because it does not fit.
   * @param name of the pictures
   */
  async faultsOn(looks: readonly Look[], name: string): Promise<string[]> {
    const found: string[] = [];
    for (const look of looks) {
      const { theme, screen } = look;
      await this.turnTo(look);
      await this.picture(`${name}-${theme}-${screen}`);
      const wide = (await this.overflows()) ? ['it is wider than the window'] : [];
      found.push(...[...(await this.axe()), ...wide].map((fault) => `${name} ${theme} ${screen}: ${fault}`));
    }
    return [...found, ...this.faults.splice(0).map((fault) => `${name}: ${fault}`)];
  }

  /** What axe-core finds wrong on the page as it is shown now, as readable lines. */
  async axe(): Promise<string[]> {
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(axeSource);
    const { violations } = await this.page.evaluate(() =>
      (globalThis as unknown as { axe: { run: (context: object, options: object) => Promise<AxeResults> } }).axe.run(
        // What react-aria had read out by a screen reader stays there for some seconds, also when what it names is gone.
        { exclude: [['[data-live-announcer]']] },
        {
          // What passes is only counted.
          resultTypes: ['violations'],
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
    this.profile.report = () => undefined;
    await this.letGo();
  }

  private watch(): void {
    const report = (fault: string): void => {
      this.faults.push(fault);
    };
    this.profile.report = (fault) => {
      report(`CSP: ${fault}`);
    };
    this.page.on('pageerror', (error) => {
      report(`error: ${error.stack ?? error.message}`);
    });
    this.page.on('console', (message) => {
      if (message.type() === 'error') report(`console: ${message.text()} ${message.location().url}`);
    });
  }
}

/** The cookie of a new session, as the login page gets it. */
const sessionOf = async (pulser: Pulser, role: RoleName) => {
  const response = await fetch(`${pulser.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: await pulser.keyOf(role) }),
  });
  const [name = '', value = ''] = (response.headers.getSetCookie()[0] ?? '').split(/[=;]/);
  if (response.status !== 201) throw new Error(`The login was answered with ${response.status}`);
  const { hostname } = new URL(pulser.url);
  return { name, value, domain: hostname, path: '/', secure: true, httpOnly: true, sameSite: 'Strict' as const };
};

/** How long a page is waited for, in milliseconds. */
const patienceMs = 90_000;

/** A profile of the browser: its cookies, storage and caches. */
interface Profile {
  readonly context: BrowserContext;
  /** Gets what breaks the policy in any of its pages. */
  report: (fault: string) => void;
}

/** Profiles that nobody uses are used again, with what the browser has cached of the page and nothing else. */
class Profiles {
  private readonly idle: Profile[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly baseURL: string,
  ) {}

  async take(): Promise<Profile> {
    return this.idle.pop() ?? (await this.make());
  }

  async giveBack(profile: Profile): Promise<void> {
    const { context } = profile;
    const pages = context.pages();
    // Where nothing of the page runs that would write it again.
    await pages[0]?.goto('/ui/pulser.svg');
    await pages[0]?.evaluate(() => {
      localStorage.clear();
      sessionStorage.clear();
    });
    await context.clearCookies();
    for (const page of pages) await page.close();
    this.idle.push(profile);
  }

  private async make(): Promise<Profile> {
    const context = await this.browser.newContext({ baseURL: this.baseURL, locale: 'en-GB', timezoneId: 'UTC' });
    context.setDefaultTimeout(patienceMs);
    const profile: Profile = { context, report: () => undefined };
    await context.exposeBinding('reportViolation', (_source, fault: string) => {
      profile.report(fault);
    });
    await context.addInitScript(() => {
      document.addEventListener(
        'securitypolicyviolation',
        ({ violatedDirective, blockedURI, sourceFile, lineNumber, sample }) => {
          const { reportViolation } = globalThis as unknown as { reportViolation: (fault: string) => void };
          reportViolation(`${violatedDirective} ${blockedURI} ${sourceFile}:${String(lineNumber)} ${sample}`);
        },
      );
    });
    return profile;
  }
}

class Shared {
  private pulserStart: Promise<Pulser> | undefined;
  private browserStart: Promise<Browser> | undefined;
  private profilesMade: Promise<Profiles> | undefined;
  private sceneMade: Promise<Scene> | undefined;

  pulser(): Promise<Pulser> {
    return (this.pulserStart ??= Pulser.start());
  }

  scene(): Promise<Scene> {
    return (this.sceneMade ??= this.pulser().then(makeScene));
  }

  profiles(path: string): Promise<Profiles> {
    this.browserStart ??= launchBrowser(path);
    return (this.profilesMade ??= Promise.all([this.browserStart, this.pulser()]).then(
      ([browser, { url }]) => new Profiles(browser, url),
    ));
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

/** Opens a place of the page in a profile that nobody else uses. Close it: the next one takes the profile. */
export const openDashboard = async (options: OpenOptions = {}): Promise<OpenPage> => {
  if (browser.path === undefined) throw new Error(browser.reason);
  const pulser = await shared.pulser();
  return OpenPage.open(await shared.profiles(browser.path), pulser, options);
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
