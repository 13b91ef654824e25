import pg from 'pg';

const serverUrl = (): URL => {
  const url = process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('DATABASE_URL is not set: run the tests through `npm test`');
  return new URL(url);
};

/** Runs work as the administrator, on a connection of its own to the test server. */
export const onServer = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: serverUrl().href });
  await client.connect();
  return work(client).finally(() => client.end());
};

/** URL of a database of the test server. */
export const urlOf = (name: string, role?: string): string => {
  const url = serverUrl();
  url.pathname = `/${name}`;
  if (role !== undefined) url.username = role;
  return url.href;
};
