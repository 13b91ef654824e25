import { existsSync } from 'node:fs';
import { build } from '../build.mjs';
import { serverFile } from './server.mjs';

/** Compiles what changed since the last build. Resolves with the compiler's exit code. */
export function buildEmbedded() {
  const what = existsSync(serverFile) ? 'Building what changed' : 'Building (only the first time it takes so long)';
  return build(what, ['apps/embedded']);
}
