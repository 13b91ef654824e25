import pg from 'pg';

/** Runs work on a connection of its own, in a transaction that is undone: DDL, rows and settings alike. */
export const rolledBack = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin');
    return await work(client);
  } finally {
    await client.query('rollback').finally(() => client.end());
  }
};
