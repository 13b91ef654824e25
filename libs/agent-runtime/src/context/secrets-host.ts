// Secrets of tenants, found for handlers.
import { Injectable } from '@nestjs/common';
import { SecretsNotConfigured, SecretUnreadable, TenantSecrets } from '@pulser/context-bus';

import type { Attempt } from './attempt.js';
import { type FoundSecret, secretUnavailable, shownName } from './secret-calls.js';

@Injectable()
export class SecretsHost {
  constructor(private readonly secrets: TenantSecrets) {}

  /** @throws TaskError `secret_unavailable`; the reason of an abort */
  async find({ tenantId, signal }: Attempt, name: string): Promise<FoundSecret> {
    signal.throwIfAborted();
    try {
      const found = await this.secrets.read(tenantId, name);
      if (found !== undefined) return found;
    } catch (error) {
      // Whoever runs the service can mend these: another attempt may find them mended.
      if (error instanceof SecretsNotConfigured) throw secretUnavailable(error.message, 'not_configured', false);
      if (error instanceof SecretUnreadable)
        throw secretUnavailable(`The secret ${shownName(name)} cannot be read: ${error.message}`, error.reason, false);
      throw error;
    }
    throw secretUnavailable(`There is no secret ${shownName(name)}`, 'not_found');
  }
}
