import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sayWhile } from './progress.mjs';
import { runningScripts } from './supply/lockfile.policy.mjs';
import { workspaceRoot } from './workspace.mjs';

const lockfile = join(workspaceRoot, 'package-lock.json');
const stamp = join(workspaceRoot, 'node_modules/.pulser-lock-hash');
/** npm writes it last: it is there only when an installation came to its end. */
const installed = join(workspaceRoot, 'node_modules/.package-lock.json');

/** Whether node_modules is what package-lock.json says. */
export function isInstalled() {
  if (modifiedAt(installed) === undefined) return false;
  if (readOrEmpty(stamp) === lockHash()) return true;
  // Somebody ran npm by hand since the lockfile last changed.
  if (modifiedAt(installed) < modifiedAt(lockfile)) return false;
  writeFileSync(stamp, lockHash());
  return true;
}

export async function installDependencies() {
  // Older versions of npm would run the scripts of every package. Warnings are about the Node that runs npm, which is not
  // the one that runs Pulser, and about packages that only their own users can replace.
  await sayWhile('installing dependencies (npm ci)', () => runNpm('ci', '--ignore-scripts'));
  await runNpm('rebuild', ...runningScripts);
  writeFileSync(stamp, lockHash());
}

async function runNpm(...args) {
  const { code, output } = await npmEnded(args);
  if (code !== 0) throw new Error(`npm ${args[0]} failed: ${cureFor(output)}`);
}

const quietly = ['--loglevel=error', '--no-audit', '--no-fund'];

/** npm's own output stays visible; its error output is kept too, to name the cure. */
function npmEnded(args) {
  return new Promise((resolve) => {
    const npm = spawn('npm', [...args, ...quietly], {
      cwd: workspaceRoot,
      stdio: ['ignore', 2, 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    npm.stderr.on('data', (chunk) => {
      output += chunk;
      process.stderr.write(chunk);
    });
    npm.on('error', (error) => resolve({ code: 127, output: error.code ?? '' }));
    npm.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

const cures = [
  [/^ENOENT$/, 'npm is not on the PATH; install Node.js together with npm'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/,
    'the package registry cannot be reached; check the network and "npm config get registry", then try again',
  ],
  [/ENOSPC/, 'the disk is full; make room, then try again'],
  [/EACCES|EPERM/, 'node_modules cannot be written; delete it as its owner, then try again'],
  [/in sync/, 'package-lock.json does not fit package.json; run "npm install" and commit the lockfile'],
];

const cureFor = (output) =>
  cures.find(([symptom]) => symptom.test(output))?.[1] ?? 'see above; delete node_modules, then try "npm ci" by hand';

const lockHash = () => createHash('sha256').update(readFileSync(lockfile)).digest('hex');

function readOrEmpty(file) {
  return modifiedAt(file) === undefined ? '' : readFileSync(file, 'utf8');
}

const modifiedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;
