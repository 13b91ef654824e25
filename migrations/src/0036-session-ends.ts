import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';

const signature = 'session_end(bytea)';

const why = `case
      when s.revoked_at is not null then 'revoked'
      when k.revoked_at is not null then 'key_revoked'
      when k.expires_at <= now() then 'key_expired'
      when s.ends_at <= now() then 'over'
      when s.idle_ends_at <= now() then 'idle'
    end`;

// For whoever has the secret of a session that is not let in any more: nobody else learns why it ended, or that it was one.
const sessionEnd = `
  create function pulser.session_end(wanted bytea) returns setof text
  language sql stable security definer ${ownersPath} as $$
    select ${why}
    from public.session s left join public.api_key k on k.tenant_id = s.tenant_id and k.key_id = s.key_id
    where s.secret_hash = wanted
    union all
    select ${why}
    from public.installation_session s join public.installation_key k on k.key_id = s.key_id
    where s.secret_hash = wanted
  $$`;

/** Says why a session ended. */
export class SessionEnds1763840000036 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      sessionEnd,
      `revoke execute on function pulser.${signature} from public`,
      `grant execute on function pulser.${signature} to pulser_app, pulser_service`,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [`drop function pulser.${signature}`]);
  }
}
