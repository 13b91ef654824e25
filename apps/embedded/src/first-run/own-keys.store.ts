import { type Database, statement } from '@pulser/database';

const revoke = statement(
  'own-keys.revoke',
  `update api_key set revoked_at = now() where tenant_id = $1 and name = $2 and revoked_at is null`,
);

/** The keys this installation made for itself. Needs the service role. */
export class OwnKeys {
  constructor(private readonly database: Database) {}

  async revoke(tenantId: string, name: string): Promise<void> {
    await this.database.query(revoke, [tenantId, name]);
  }
}
