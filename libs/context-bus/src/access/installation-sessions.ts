// The sessions of browsers that log in with a key of the installation. Functions of the database make, list and end them,
// and check the key again each time; what a session may is found with those of tenants, in sessions.ts.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { type Actor, actorJson } from '../audit/actor.js';
import {
  hashLoginSecret,
  type MadeSession,
  maxSessions,
  newLoginSecret,
  type SessionBounds,
  type ShownSession,
} from './sessions.js';

const columns = `session_id as "sessionId", key_id as "keyId", name, null as "displayName", role, 'key' as "madeBy",
  created_at as "createdAt", last_used_at as "lastUsedAt", idle_ends_at as "idleEndsAt", ends_at as "endsAt",
  user_agent as "userAgent", network`;

const open = statement(
  'installation-sessions.open',
  `select ${columns} from pulser.open_installation_session($1, $2, $3, $4, $5, $6, $7, $8)`,
);

const page = statement(
  'installation-sessions.page',
  `select ${columns} from pulser.installation_sessions($1, $2, $3) order by session_id desc`,
);

const end = statement('installation-sessions.end', 'select pulser.end_installation_session($1, $2, $3) as ended');

@Injectable()
export class InstallationSessions {
  constructor(private readonly database: Database) {}

  /** Makes a session of a key that is valid. Those of the same key beyond the newest 50 end. */
  async create(keyId: string, actor: Actor, bounds: SessionBounds): Promise<MadeSession> {
    const secret = newLoginSecret();
    const { userAgent, network, idleS, maxS } = bounds;
    const values = [keyId, actorJson(actor), hashLoginSecret(secret), userAgent, network, idleS, maxS, maxSessions];
    const [made] = await this.database.query<ShownSession>(open, values);
    if (made === undefined) throw new Error('A function that makes a session returned none');
    return { ...made, secret };
  }

  /** Open ones, newest first: of every key for an administrator, else of this key. @param before as of {@link TenantSessions.page} */
  page(keyId: string, before: string | undefined, limit: number): Promise<ShownSession[]> {
    return this.database.query<ShownSession>(page, [keyId, before, limit]);
  }

  /** @returns whether there was such a session that the key may end, and it was open */
  async revoke(keyId: string, actor: Actor, sessionId: string): Promise<boolean> {
    const [row] = await this.database.query<{ ended: boolean }>(end, [keyId, actorJson(actor), sessionId]);
    return row?.ended === true;
  }
}
