import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pinnedNode } from '../pinned-node.mjs';
import { runCommand } from '../run-command.mjs';
import { stateFolder, workspaceRoot } from '../workspace.mjs';

/** Runs a command of Pulser's own command line as the administrator and resolves with what it printed. */
async function cli(args, environment) {
  const main = join(workspaceRoot, 'apps/cli/dist/main.js');
  const { code, stdout, stderr } = await runCommand(pinnedNode(), [main, ...args], { env: environment });
  if (code !== 0) throw new Error(stderr.trim());
  return stdout.trim();
}

/** Brings the schema up to date. Logins get the administrator's password, when there is one. */
export function migrate(databaseUrl) {
  const password = decodeURIComponent(new URL(databaseUrl).password);
  const passwords = password && { PULSER_APP_PASSWORD: password, PULSER_SERVICE_PASSWORD: password };
  return cli(['migrate'], { ...process.env, DATABASE_URL: databaseUrl, ...passwords });
}

/** An API key of the tenant `dev` of this database, made at the first call and kept. */
export async function developmentKey(databaseUrl) {
  const database = createHash('sha256').update(databaseUrl).digest('hex').slice(0, 12);
  const file = join(stateFolder, 'dev', database, 'api-key');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const key = await cli(['keys', 'create', '--tenant', 'dev', '--name', 'dev'], {
    ...process.env,
    DATABASE_URL: databaseUrl,
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  return key;
}
