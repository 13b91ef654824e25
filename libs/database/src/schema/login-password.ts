import pg from 'pg';

import { translateError } from '../errors/translate-error.js';

/** Gives one of Pulser's logins a password. @param url the administrator's @throws DatabaseUnavailable */
export const setLoginPassword = (
  url: string,
  login: 'pulser_app' | 'pulser_service',
  password: string,
): Promise<void> =>
  translateError(async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    // A role's password cannot be a parameter.
    await client.query(`alter role ${login} password ${client.escapeLiteral(password)}`).finally(() => client.end());
  });
