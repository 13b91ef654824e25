// The audit trail of what no tenant owns: keys of the installation, pauses for all tenants, admitted agents. Chained and
// numbered like a tenant's, and written by the same triggers.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { type Actor, actorJson } from './actor.js';
import type { AuditEntry, AuditFilter } from './audit-trail.js';

const page = statement(
  'installation-audit.page',
  `select seq::int, at, actor, action, targets, outcome, encode(before_digest, 'hex') as "beforeDigest",
     encode(after_digest, 'hex') as "afterDigest", encode(hash, 'hex') as hash
   from pulser.installation_trail($1, $2, $3, $4, $5, $6) order by seq desc`,
);

const refuse = statement('installation-audit.refuse', 'select pulser.refuse_for_installation($1, $2, $3, $4)');

const verdict = statement(
  'installation-audit.verdict',
  'select first_broken as "firstBroken", entries from pulser.installation_verdict()',
);

@Injectable()
export class InstallationAudit {
  constructor(private readonly database: Database) {}

  /** Newest first. @param keyId of an administrator of the installation, which the database checks again */
  page(keyId: string, filter: AuditFilter, limit: number): Promise<AuditEntry[]> {
    const { before, action, actorId, target } = filter;
    return this.database.query<AuditEntry>(page, [keyId, before, action, actorId, target, limit]);
  }

  /** Records that a key of the installation was refused an action. */
  async refused(keyId: string, actor: Actor, action: string, targets: readonly string[]): Promise<void> {
    await this.database.query(refuse, [keyId, actorJson(actor), action, targets]);
  }

  /** Recomputes the chain. @returns as `AuditTrail.verify` */
  async verify(): Promise<{ entries: number; firstBroken: number | null }> {
    const [found] = await this.database.query<{ entries: number; firstBroken: number | null }>(verdict);
    if (found === undefined) throw new Error('An aggregate returned no row');
    return found;
  }
}
