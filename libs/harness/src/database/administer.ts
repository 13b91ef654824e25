import { openAsAdministrator } from './open-as-administrator.js';

/** Runs statements one after the other, outside of any transaction. */
export const administer = async (url: string, sql: readonly string[]): Promise<void> => {
  const database = await openAsAdministrator(url, 1, 'harness-administer');
  try {
    for (const text of sql) await database.query({ name: text.slice(0, 40), text });
  } finally {
    await database.close();
  }
};
