import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pinnedEnvironment, pinnedNode } from '../pinned-node.mjs';
import { say } from '../progress.mjs';
import { workspaceRoot } from '../workspace.mjs';
import { onNpmGone } from './npm-gone.mjs';
import { onWishToStop } from './wish-to-stop.mjs';

export const serverFile = join(workspaceRoot, 'apps/embedded/dist/main.js');

/** Runs the server to its end and resolves with its exit code. */
export async function runServer() {
  const server = startServer();
  onWishToStop((signal) => server.kill(signal));
  onNpmGone(() => server.kill('SIGTERM'));
  const [code, signal] = await once(server, 'exit');
  if (signal !== null) say(`Pulser was ended by ${signal}. What was accepted goes on at the next start.`);
  return code ?? 1;
}

/**
 * In a process group of its own, so that only what is passed on reaches it. The channel tells it when this process is
 * gone without having passed on anything.
 */
const startServer = () =>
  spawn(pinnedNode(), [serverFile], {
    cwd: workspaceRoot,
    env: pinnedEnvironment(),
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
