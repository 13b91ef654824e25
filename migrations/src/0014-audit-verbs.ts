import type { MigrationInterface, QueryRunner } from 'typeorm';

import { auditRows, verbOfOperation } from './sql/audit-functions.js';
import { ownersPath, runAsOwner } from './sql/owner.js';

// What a change is called is read from the rows, so that no author of a change has to say it. The new key of a rotation
// is made in the transaction that shortens the old one's life, and triggers run after both.
const auditVerb = `
  create function pulser.audit_verb(noun text, was jsonb, is_now jsonb) returns text
  language sql stable security definer ${ownersPath} as $$
    select case
      when was is null then 'created'
      when is_now is null then 'deleted'
      when noun = 'key' and was ->> 'revoked_at' is null and is_now ->> 'revoked_at' is not null then 'revoked'
      when noun = 'key' and exists (select from public.api_key k
        where k.tenant_id = (is_now ->> 'tenant_id')::uuid and k.rotated_from = (is_now ->> 'key_id')::uuid
          and k.created_at = now()) then 'rotated'
      when noun = 'dead-letter' and was ->> 'state' = 'open' and is_now ->> 'state' <> 'open' then is_now ->> 'state'
      else 'changed'
    end
  $$`;

const replaced = (verb: string): string => auditRows(verb).replace('create function', 'create or replace function');

/** Revoking and rotating a key, replaying and discarding a dead letter stand in the audit trail as what they are. */
export class AuditVerbs1763840000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      auditVerb,
      'revoke execute on function pulser.audit_verb(text, jsonb, jsonb) from public',
      replaced('pulser.audit_verb(tg_argv[0], was, is_now)'),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [replaced(verbOfOperation), 'drop function pulser.audit_verb(text, jsonb, jsonb)']);
  }
}
