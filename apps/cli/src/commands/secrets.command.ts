// `secrets`: brings the secrets of all tenants to a new key.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SecretCipher, secretsEnv, secretsKeyFile, TenantSecrets, Tenants } from '@pulser/context-bus';
import { ConfigError, Env, processEnv } from '@pulser/service-kit';

import { addCommand, type AddCommands, CliEnv, withDatabase } from '../command.js';

class SecretsEnv extends Env(secretsEnv) {}

/** Keys that `npm start` keeps in its data folder, for the commands that work on it. */
const ofDataFolder = ({ DATABASE_URL, PULSER_DATA_DIR }: CliEnv): string | undefined => {
  const file = join(PULSER_DATA_DIR, secretsKeyFile);
  return DATABASE_URL === undefined && existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

/** Those of SECRETS_KEY or of the data folder; undefined when there are none. @throws ConfigError */
export const keysAtHand = (): readonly Buffer[] | undefined =>
  SecretsEnv.read({ SECRETS_KEY: processEnv()['SECRETS_KEY'] ?? ofDataFolder(CliEnv.read()) }).SECRETS_KEY;

/** @throws ConfigError */
const keys = (): readonly Buffer[] => {
  const found = keysAtHand();
  if (found !== undefined) return found;
  throw new ConfigError('SECRETS_KEY is not set: it must be the new key and the old one, comma separated');
};

const rotate = (): Promise<string> => {
  const cipher = new SecretCipher(keys());
  return withDatabase(async (database) => {
    const { resealed, unreadable } = await new TenantSecrets(database, cipher).rotate();
    const tenants = new Tenants(database);
    const lost: string[] = [];
    for (const { tenantId, name, keyId } of unreadable)
      lost.push(`${name} of ${(await tenants.nameOf(tenantId)) ?? tenantId} (key ${keyId})`);
    if (lost.length > 0)
      throw new Error(
        `${resealed} encrypted anew. Not readable, because SECRETS_KEY lacks their key or their row was altered: ${lost.join(', ')}`,
      );
    return `${resealed} encrypted anew; all have the key ${cipher.keyId ?? ''} now`;
  });
};

export const addSecrets: AddCommands = (parent, print) => {
  const secrets = parent.command('secrets').description('Secrets of tenants.');
  addCommand(
    secrets,
    'rotate',
    'encrypt every secret with the first key of SECRETS_KEY; then the second can go',
    'secrets rotate',
  ).action(async () => {
    print(await rotate());
  });
};
