import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { archivesIn, mostLikelyFirst } from './apt-mirror.policy.mjs';
import { ServicesUnavailable } from './services-unavailable.mjs';

/** The Debian archive this machine's own apt uses. Never written into a file of this repository. */
export function aptMirror() {
  const [uri] = mostLikelyFirst(sourceFiles().flatMap((file) => archivesIn(readFileSync(file, 'utf8'), file)));
  if (uri === undefined) throw new ServicesUnavailable('no Debian archive found in the apt sources of this machine');
  return uri.startsWith('mirror+file:') ? firstOfMirrorList(uri) : uri;
}

function sourceFiles() {
  const folder = '/etc/apt/sources.list.d';
  const parts = existsSync(folder) ? readdirSync(folder).sort() : [];
  const listed = parts.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name));
  return ['/etc/apt/sources.list', ...listed].filter((file) => existsSync(file));
}

const firstOfMirrorList = (uri) =>
  readFileSync(uri.replace(/^mirror\+file:(\/\/)?/, ''), 'utf8')
    .trim()
    .split(/\s+/)[0];
