// One-time codes that make a session, for the person at this machine: a link that `npm start` and the command line print.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';
import { hashLoginSecret, newLoginSecret } from './sessions.js';

/** Seconds for which a code can be used. */
export const loginCodeS = 300;

const create = statement(
  'login-codes.create',
  `insert into login_code (tenant_id, code_hash, key_id, expires_at)
   values ((select pulser.tenant_id()), $1, $2, now() + make_interval(secs => $3))`,
);

const use = statement(
  'login-codes.use',
  `select tenant_id as "tenantId", key_id as "keyId", name from pulser.use_login_code($1)`,
);

/** Which key a code stands for. */
export interface CodeHolder {
  readonly tenantId: string;
  readonly keyId: string;
  /** Of the key. */
  readonly name: string;
}

@Injectable()
export class LoginCodes {
  constructor(private readonly database: Database) {}

  /** A code that logs in as the key, once, within five minutes. Only its hash is stored. */
  async create(tenantId: string, actor: Actor, keyId: string): Promise<string> {
    const code = newLoginSecret();
    await asActor(this.database, tenantId, actor, async (transaction) => {
      await transaction.query(create, [hashLoginSecret(code), keyId, loginCodeS]);
    });
    return code;
  }

  /** Uses a code up. @returns undefined when it was used, is too old, or never existed */
  async use(code: string): Promise<CodeHolder | undefined> {
    return (await this.database.query<CodeHolder & Record<string, unknown>>(use, [hashLoginSecret(code)]))[0];
  }
}

/** The page that the code opens, logged in. A fragment is sent to no server: it is in no log on the way. @param url of the API */
export const loginLink = (url: string, code: string): string => `${url}/ui/#code=${code}`;
