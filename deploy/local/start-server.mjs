import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { buildDashboard } from './dashboard.mjs';
import { pinnedEnvironment, pinnedNode } from './pinned-node.mjs';
import { say } from './progress.mjs';
import { agentFolders, mcpServerFolders, stateFolder, workspaceRoot } from './workspace.mjs';

/**
 * Ctrl-C at a terminal comes twice: from the terminal, and from npm, which passes it on. What comes within this many
 * milliseconds is one wish; nobody types a second one, which ends the server at once, as fast.
 */
const sameWishMs = 200;

/** Calls back once a wish to stop. */
export function onWishToStop(stop) {
  let lastAt = -Infinity;
  const once = (signal) => {
    if (performance.now() - lastAt > sameWishMs) stop(signal);
    lastAt = performance.now();
  };
  process.on('SIGINT', once);
  process.on('SIGTERM', once);
}

const intervalMs = 1_000;

/** Calls back when the npm that started this process is gone: a kill -9 it could not pass on. */
export function onNpmGone(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    stop();
  }, intervalMs);
  timer.unref();
}

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
    // What V8 makes of some thousand modules is kept for the next start.
    env: pinnedEnvironment({ NODE_COMPILE_CACHE: join(stateFolder, 'compile-cache') }),
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });

/** Compiles what changed since the last build, and the page. Resolves with an exit code. */
export async function buildEmbedded() {
  const what = existsSync(serverFile) ? 'Building what changed' : 'Building (only the first time it takes so long)';
  // Embedded mode finds agents by their names only, so none of them is a reference of its project.
  return (await build(what, ['apps/embedded', ...agentFolders(), ...mcpServerFolders()])) || buildDashboard();
}
