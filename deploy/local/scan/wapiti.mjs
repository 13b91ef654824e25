import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, runCommand } from '../run-command.mjs';
import { sayWhile } from '../progress.mjs';

// Those that need nobody outside: others have servers on the internet called back, or fetch lists from there.
const modules =
  'backup,blindsql,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,shellshock,sql,xss';

const scanSeconds = 240;
const attackSeconds = 90;

/** Installs wapiti where that is a matter of one command. @throws Error that says what to do elsewhere */
export async function requireWapiti() {
  if (await isThere()) return;
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    throw new Error('wapiti is missing: install it (Debian: apt-get install wapiti), or run this as root on Debian');
  }
  const { code, stderr } = await sayWhile('Installing wapiti', () =>
    runCommand('apt-get', ['install', '-y', '--no-install-recommends', 'wapiti']),
  );
  if (code !== 0) throw new Error(`wapiti could not be installed: ${lastLines(stderr)}`);
}

const isThere = async () => (await runCommand('wapiti', ['--version'])).code === 0;

/** Attacks the target for a few minutes at most. Resolves with wapiti's JSON report. */
export async function scanWithWapiti({ url, key, folder, places }) {
  const output = join(folder, 'wapiti.json');
  const { stdout, stderr } = await sayWhile(`Scanning ${url}`, () =>
    runCommand('wapiti', optionsOf({ url, key, folder, places, output })),
  );
  if (!existsSync(output)) throw new Error(`wapiti made no report: ${lastLines(stderr || stdout, 5)}`);
  return JSON.parse(readFileSync(output, 'utf8'));
}

const optionsOf = ({ url, key, folder, places, output }) => [
  ...['--url', `${url}/docs`, '--scope', 'domain', '--depth', '2', '--max-links-per-page', '50'],
  ...['/docs/problems', '/docs-json', '/docs/asyncapi.json', '/health/ready', '/metrics', ...places].flatMap(
    (place) => ['--start', `${url}${place}`],
  ),
  ...['--header', `Authorization: Bearer ${key}`, '--module', modules, '--timeout', '10'],
  ...['--max-scan-time', String(scanSeconds), '--max-attack-time', String(attackSeconds)],
  ...['--store-session', folder, '--store-config', folder, '--flush-session', '--no-bugreport'],
  ...['--format', 'json', '--output', output],
];
