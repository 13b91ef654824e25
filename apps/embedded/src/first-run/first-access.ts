import { ApiKeys, newApiKey, Tenants } from '@pulser/context-bus';
import type { Database } from '@pulser/database';

import { OwnKeys } from './own-keys.store.js';
import type { SecretFile } from './secret-file.js';

const tenant = 'dev';
const keyName = 'start';

/** A tenant and a key for whoever starts Pulser on his own machine. */
export class FirstAccess {
  private readonly keys: ApiKeys;

  constructor(
    private readonly database: Database,
    private readonly file: SecretFile,
  ) {
    this.keys = new ApiKeys(database);
  }

  /** The key in the file, as long as it is valid; otherwise a new one, and what was in the file is worth nothing. */
  async key(): Promise<string> {
    const kept = this.file.read();
    if (kept !== undefined && (await this.keys.find(kept)) !== undefined) return kept;
    return this.newKey();
  }

  private async newKey(): Promise<string> {
    const key = newApiKey();
    const tenantId = await new Tenants(this.database).ensure(tenant);
    await new OwnKeys(this.database).revoke(tenantId, keyName);
    await this.keys.create(tenantId, keyName, key);
    this.file.write(key);
    return key;
  }
}
