import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.mjs';

/** Git-ignored; docker compose reads its variables from it. */
export const secretsFile = join(workspaceRoot, '.env');

/**
 * Secrets of this checkout for development, by variable. Those that the file lacks are made up and kept in it.
 * @param makers by variable: what makes a new value
 */
export function keptSecrets(makers, file = secretsFile) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const known = Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value.trim()]));
  const missing = Object.keys(makers).filter((name) => !known[name]);
  for (const name of missing) known[name] = makers[name]();
  const lines = missing.map((name) => `${name}=${known[name]}\n`).join('');
  const end = text === '' || text.endsWith('\n') ? '' : '\n';
  if (missing.length > 0) appendFileSync(file, end + lines, { mode: 0o600 });
  return Object.fromEntries(Object.keys(makers).map((name) => [name, known[name]]));
}

const secretsKeyVariable = 'PULSER_SECRETS_KEY';

/** SECRETS_KEY of `npm run dev` and docker compose. */
export const secretsKey = () =>
  keptSecrets({ [secretsKeyVariable]: () => randomBytes(32).toString('base64') })[secretsKeyVariable];
