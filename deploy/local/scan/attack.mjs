import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinnedEnvironment, pinnedNode } from '../pinned-node.mjs';
import { sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { freePort, until } from '../services/answers.mjs';
import { serverFile } from '../start-server.mjs';
import { placesOf, readsByRoute } from './report.policy.mjs';

const startMs = 180_000;

/** A Pulser with an empty database on a free port of the loopback interface, there to be attacked. */
export async function scannable() {
  const folder = mkdtempSync(join(tmpdir(), 'pulser-scan-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(pinnedNode(), [serverFile], {
    env: environment(url, folder),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const keyFile = join(folder, 'data/api-key');
  const isReady = async () => server.exitCode !== null || (existsSync(keyFile) && (await answers(url)));
  await sayWhile('Starting a Pulser to be scanned', () => until(isReady, startMs));
  if (!(await answers(url))) {
    await stop();
    throw new Error('Pulser did not start');
  }
  const key = readFileSync(keyFile, 'utf8').trim();
  const { places, readable } = await placesAt(url, key);
  return { url, key, folder, places, readable, answers: () => answers(url), reads: () => readsAt(url), stop };
}

const environment = (url, folder) =>
  pinnedEnvironment({
    HOST: '127.0.0.1',
    PORT: new URL(url).port,
    PULSER_DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'fatal',
  });

const readsAt = async (url) => readsByRoute(await (await fetch(`${url}/metrics`)).text());

const answers = (url) =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Everything that can be asked for there, about a task that exists, and how much of it is found. */
async function placesAt(url, key) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const payload = { operation: 'query', sources: [], sql: 'select 6 * 7 as answer' };
  const body = JSON.stringify({ task_type: 'analytics', payload });
  const accepted = await fetch(`${url}/api/v1/tasks`, { method: 'POST', headers, body });
  if (accepted.status !== 202) throw new Error(`the API key of the scan does not work: ${await accepted.text()}`);
  const { task_id: id } = await accepted.json();
  const places = placesOf(await (await fetch(`${url}/docs-json`)).json(), { id });
  const found = await Promise.all(places.map((place) => fetch(`${url}${place}`, { headers })));
  // Of the others there is nothing in a database this empty.
  return { places, readable: found.filter(({ ok }) => ok).length };
}

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
