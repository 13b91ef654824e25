// Installs what the benchmark compares Pulser with, outside of the project's own dependencies. Prints where, as JSON.
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { installDebian } from './peers/debian.mjs';
import { benchFolder } from './peers/folders.mjs';
import { installPackages } from './peers/packages.mjs';
import { say } from './progress.mjs';
import { ServicesUnavailable } from './services/services-unavailable.mjs';

const installers = { packages: installPackages, debian: installDebian };

async function main() {
  const [what = ''] = process.argv.slice(2);
  if (!Object.hasOwn(installers, what)) throw new Error('usage: node deploy/local/peers.mjs packages | debian');
  const installed = await withLock(join(benchFolder, 'install.lock'), installers[what]);
  process.stdout.write(`${JSON.stringify(installed)}\n`);
}

// Exiting, instead of dying of the signal, lets the lock be released.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

main().catch((error) => {
  say(error.message);
  process.exitCode = error instanceof ServicesUnavailable ? 3 : 1;
});
