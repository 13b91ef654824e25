import { ApiKeys, LoginCodes, newApiKey, systemActor, Tenants } from '@pulser/context-bus';
import { type Database, statement } from '@pulser/database';

import { SecretFile } from '../data-folder/secret-file.js';

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

  /** A code that logs a browser on this machine in as the key, once, within five minutes. */
  async loginCode(): Promise<string> {
    const principal = await this.keys.find(await this.key());
    if (principal?.tenantId === undefined || principal.keyId === undefined)
      throw new Error('The key of this machine is not one of a tenant');
    const { tenantId, keyId } = principal;
    return new LoginCodes(this.database).create(tenantId, systemActor('pulser', 'npm start'), keyId);
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
