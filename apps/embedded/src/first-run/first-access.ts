import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

import { ApiKeys, newApiKey, Tenants } from '@pulser/context-bus';
import { type Database, statement } from '@pulser/database';

const tenant = 'dev';
const keyName = 'start';

// Needs the service role.
const revokeOwnKeys = statement(
  'own-keys.revoke',
  `update api_key set revoked_at = now() where tenant_id = $1 and name = $2 and revoked_at is null`,
);

/** A tenant and an API key for the person who starts Pulser on this machine. */
export class FirstAccess {
  private readonly keys: ApiKeys;
  private readonly file: SecretFile;

  /** @param keyFile path of the file with the key */
  constructor(
    private readonly database: Database,
    keyFile: string,
  ) {
    this.keys = new ApiKeys(database);
    this.file = new SecretFile(keyFile);
  }

  /** The key in the file, as long as it is valid; otherwise a new one, and every earlier one is revoked. */
  async key(): Promise<string> {
    const kept = this.file.read();
    if (kept !== undefined && (await this.keys.find(kept)) !== undefined) return kept;
    return this.newKey();
  }

  private async newKey(): Promise<string> {
    const key = newApiKey();
    const tenantId = await new Tenants(this.database).ensure(tenant);
    await this.database.query(revokeOwnKeys, [tenantId, keyName]);
    await this.keys.create(tenantId, keyName, key);
    this.file.write(key);
    return key;
  }
}

const ownerOnly = 0o600;

/** A file with one secret, which only its owner may read. */
class SecretFile {
  constructor(private readonly path: string) {}

  /** @returns undefined when there is no such file */
  read(): string | undefined {
    if (!existsSync(this.path)) return undefined;
    chmodSync(this.path, ownerOnly);
    return readFileSync(this.path, 'utf8').trim();
  }

  /** Whole or not at all. */
  write(secret: string): void {
    const unfinished = `${this.path}.unfinished`;
    writeFileSync(unfinished, `${secret}\n`, { mode: ownerOnly });
    renameSync(unfinished, this.path);
  }
}
