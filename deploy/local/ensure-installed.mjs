// Runs before every npm script that needs node_modules; on any Node from 20 on and without any dependency.
import { withLock } from './lock.mjs';
import { installDependencies, isInstalled } from './dependencies.mjs';
import { say } from './progress.mjs';
import { join } from 'node:path';
import { stateFolder } from './workspace.mjs';

const oldestNode = 20;

async function ensureInstalled() {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    throw new Error(`Node ${process.versions.node} is too old: install Node ${oldestNode} or later (24 is best)`);
  }
  if (isInstalled()) return;
  await withLock(join(stateFolder, 'install.lock'), async () => {
    // Whoever held the lock may have installed meanwhile.
    if (!isInstalled()) await installDependencies();
  });
}

ensureInstalled().catch((error) => {
  say(error.message);
  process.exitCode = 1;
});
