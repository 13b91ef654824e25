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
import { placesOf, readsByRoute, sceneComplaint, streamsOf } from './report.policy.mjs';
import { Scene } from './scene.mjs';

const startMs = 180_000;

/** A Pulser with one of everything in its database on a free port of the loopback interface, there to be attacked. */
export async function scannable() {
  const folder = mkdtempSync(join(tmpdir(), 'pulser-scan-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const models = await modelServer();
  const server = spawn(pinnedNode(), [serverFile], {
    env: environment(url, folder, models.url),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGTERM');
    await ended;
    await models.stop();
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
  try {
    const callers = await callersAt(url, key, join(folder, 'data'));
    return { url, folder, callers, answers: () => answers(url), reads: () => readsAt(url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A model that always says the same. */
async function modelServer() {
  const { ModelServer } = await import('@pulser/testing/models');
  return ModelServer.start(() => ({ kind: 'answer', text: 'A part of a country.' }));
}

const environment = (url, folder, models) =>
  pinnedEnvironment({
    HOST: '127.0.0.1',
    PORT: new URL(url).port,
    PULSER_DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'fatal',
    ...{ LLM_BASE_URL: models, LLM_MODEL: 'parrot', LLM_PRICES: '{"parrot": {"input": 1, "output": 1}}' },
  });

const readsAt = async (url) => readsByRoute(await (await fetch(`${url}/metrics`)).text());

const answers = (url) =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/**
 * Who attacks, with what each may ask for: a key of a tenant, about things that exist, and the session of a browser that has
 * logged in with a key of the installation. @throws Error when a route cannot be read, so that it would be attacked in vain
 */
async function callersAt(url, key, data) {
  const scene = new Scene(url, key);
  const known = await sayWhile('Making one of everything', () => scene.make());
  const document = await (await fetch(`${url}/docs-json`)).json();
  const callers = [
    { headers: { Authorization: `Bearer ${key}` }, isOf: (route) => !isOfInstallation(route) },
    { headers: { Cookie: await scene.operatorsCookie(data) }, isOf: isOfInstallation },
  ];
  const found = callers.map(({ headers, isOf }) => ({
    headers,
    routes: placesOf(document, known).filter(({ route }) => isOf(route)),
    streams: streamsOf(document, known).filter(isOf),
  }));
  const complaint = sceneComplaint(new Map((await Promise.all(found.map((one) => statusesOf(url, one)))).flat()));
  if (complaint !== undefined) throw new Error(complaint);
  return found;
}

const isOfInstallation = (route) => ['/installation/', '/scaling/', '/incidents'].some((part) => route.includes(part));

const statusesOf = (url, { headers, routes }) =>
  Promise.all(
    routes.map(async ({ route, places: [place] }) => {
      const response = await fetch(`${url}${place}`, { headers, redirect: 'manual' });
      await response.body?.cancel();
      return [route, response.status];
    }),
  );

// Those that need nobody outside: others have servers on the internet called back, or fetch lists from there.
const modules =
  'backup,blindsql,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,shellshock,sql,xss';

// A caller of a few routes is done long before.
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

/** Attacks what a caller may ask for, for a few minutes at most. Resolves with wapiti's JSON report. */
export async function scanWithWapiti({ url, folder: home }, { headers, routes }) {
  const folder = mkdtempSync(join(home, 'wapiti-'));
  const output = join(folder, 'wapiti.json');
  const places = routes.flatMap((route) => route.places);
  const { stdout, stderr } = await sayWhile(`Scanning ${routes.length} routes of ${url}`, () =>
    runCommand('wapiti', optionsOf({ url, headers, folder, places, output })),
  );
  if (!existsSync(output)) throw new Error(`wapiti made no report: ${lastLines(stderr || stdout, 5)}`);
  return JSON.parse(readFileSync(output, 'utf8'));
}

const optionsOf = ({ url, headers, folder, places, output }) => [
  ...['--url', `${url}/docs`, '--scope', 'domain', '--depth', '2', '--max-links-per-page', '50'],
  ...['/docs/problems', '/docs-json', '/docs/asyncapi.json', '/health/ready', '/metrics', ...places].flatMap(
    (place) => ['--start', `${url}${place}`],
  ),
  ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
  ...['--module', modules, '--timeout', '10'],
  ...['--max-scan-time', String(scanSeconds), '--max-attack-time', String(attackSeconds)],
  ...['--store-session', folder, '--store-config', folder, '--flush-session', '--no-bugreport'],
  ...['--format', 'json', '--output', output],
];
