// Logins of specs: roles are of the whole server, so each has a name of its own and goes with its spec.
import { randomBytes } from 'node:crypto';

import type { TestDatabase } from '@pulser/testing';

export interface TestLogin {
  readonly role: string;
  readonly password: string;
  readonly url: string;
}

export const newLogin = (database: TestDatabase): TestLogin => {
  const role = `mcp_${randomBytes(5).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const url = new URL(database.url());
  url.username = role;
  url.password = password;
  return { role, password, url: url.href };
};

/** With its rights in the database, which has to be there yet. */
export const dropLogin = async (database: TestDatabase, { role }: TestLogin): Promise<void> => {
  await database.query(`drop owned by ${role} cascade`);
  await database.query(`drop role ${role}`);
};
