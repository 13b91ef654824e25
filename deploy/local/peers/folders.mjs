import { join } from 'node:path';
import { stateFolder, workspaceRoot } from '../workspace.mjs';

/** Everything the benchmark installs and measures. */
export const benchFolder = join(stateFolder, 'bench');

/** The programs of the peers and the lockfile of their packages. */
export const peersSource = join(workspaceRoot, 'apps/bench/peers');
