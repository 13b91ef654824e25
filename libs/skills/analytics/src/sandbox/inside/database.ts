import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

/** What DuckDB's buffer manager may hold: tables, sorts, joins, aggregates. Vectors escape it: see memory-watch.ts. */
export const bufferMemory = '256MB';

const options = {
  memory_limit: bufferMemory,
  threads: '1',
  // Nothing spills to disk: a query beyond the limit fails.
  temp_directory: '',
  max_temp_directory_size: '0B',
  errors_as_json: 'true',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_persistent_secrets: 'false',
  // Never read or made: keeps the paths of this machine out of DuckDB's messages.
  extension_directory: '/none',
  secret_directory: '/none',
};

/**
 * From here on the connection reads and writes no file, reaches no network, loads no extension, and cannot undo this:
 * https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
 */
export const lock = async (connection: DuckDBConnection): Promise<void> => {
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
};

/** Lends a connection to a new, empty in-memory database, which is closed when `use` has ended. */
export const withDatabase = async <T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
  const instance = await DuckDBInstance.create(':memory:', options);
  try {
    const connection = await instance.connect();
    try {
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
};
