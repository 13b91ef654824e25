// The page of the gateway, built by Vite from apps/dashboard. As a command it builds what changed: node deploy/local/dashboard.mjs
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { withBuildLock } from './build.mjs';
import { pinnedEnvironment, pinnedNode } from './pinned-node.mjs';
import { say, sayWhile } from './progress.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { workspaceRoot } from './workspace.mjs';

const folder = join(workspaceRoot, 'apps/dashboard');

/** What the files are made of; the schemas of the API are read for their types and, here and there, their lists. */
const sources = [
  ...['src', 'public', 'index.html', 'vite.config.ts', 'page-font.ts', 'package.json', 'tsconfig.json'].map((name) =>
    join(folder, name),
  ),
  ...['tsconfig.web.json', 'tsconfig.base.json', 'package-lock.json', 'libs/contracts/src'].map((name) =>
    join(workspaceRoot, name),
  ),
];

const stamp = join(folder, 'dist/.built-from');

function* filesIn(path) {
  if (!statSync(path).isDirectory()) return void (yield path);
  for (const name of readdirSync(path).sort()) yield* filesIn(join(path, name));
}

/** Names and contents: times of files say nothing after a checkout. Some milliseconds, where Nx would take seconds. */
function hashOfSources() {
  const hash = createHash('sha256');
  for (const file of sources.flatMap((source) => [...filesIn(source)])) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

const isBuilt = (wanted) => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;

/** Builds the page when anything it is made of has changed. Resolves with an exit code. */
export async function buildDashboard() {
  if (isBuilt(hashOfSources())) return 0;
  return withBuildLock(async () => {
    // Whoever held the lock may have built it meanwhile.
    const wanted = hashOfSources();
    return isBuilt(wanted) ? 0 : sayWhile('Building the page', () => runVite(wanted));
  });
}

async function runVite(wanted) {
  const vite = dirname(createRequire(join(folder, 'package.json')).resolve('vite/package.json'));
  const command = [join(vite, 'bin/vite.js'), 'build', '--logLevel', 'info'];
  const { code, stdout, stderr } = await runCommand(pinnedNode(), command, {
    cwd: folder,
    env: { ...pinnedEnvironment(), NODE_ENV: 'production' },
  });
  say(code === 0 ? (stdout.match(/first load .*? of \d+/)?.[0] ?? '') : lastLines(`${stdout}\n${stderr}`, 20));
  if (code === 0) writeFileSync(stamp, wanted);
  return code;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await buildDashboard();
