// The browser of the machine: an existing Chrome or Chromium first, else Debian's.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

const names = [
  'chromium',
  'google-chrome-stable',
  'google-chrome',
  'chromium-browser',
  'chrome',
  'microsoft-edge-stable',
];

const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const installed = (): string | undefined => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const chosen = process.env['CHROME_PATH'];
  return [...(chosen === undefined ? [] : [chosen]), ...candidates, ...elsewhere].find((path) => existsSync(path));
};

const canInstall = (): boolean => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

const install = (): string | undefined => {
  const apt = (...args: readonly string[]): void => {
    execFileSync('/usr/bin/apt-get', [...args], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  try {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', 'chromium');
  } catch {
    // No network, or no such package: the caller says that there is no browser.
  }
  return installed();
};

export interface FoundBrowser {
  readonly path: string | undefined;
  /** Why there is none. */
  readonly reason: string;
}

/**
 * Where the browser is.
 * @throws Error when there is none and `CI=true`: there a missing browser would go unnoticed
 */
export const findBrowser = (): FoundBrowser => {
  const path = installed() ?? (canInstall() ? install() : undefined);
  const reason =
    'no Chrome or Chromium on the PATH or in CHROME_PATH, and none could be installed (that takes root and apt)';
  if (path === undefined && process.env['CI'] === 'true') throw new Error(`The page cannot be tested: ${reason}`);
  return { path, reason };
};

export const launchBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // Root may not use Chromium's sandbox, and the pages are our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb', '--hide-scrollbars'],
  });
