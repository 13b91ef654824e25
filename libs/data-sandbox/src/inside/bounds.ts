// What a job may take, in the words of DuckDB.
import type { Bounds } from './job/job.js';

const megabyte = 1_048_576;

/** What a query may take. An idle process has about 100 MB. */
export const queryBounds: Bounds = { memoryBytes: 512 * megabyte, bufferBytes: 320 * megabyte };

/**
 * While tables are filled. DuckDB reserves 32 kB twice for each column, however few rows there are: 256 MB for 4,000
 * columns, of which most is never touched. What is touched counts in sandbox.process.ts.
 */
const loadMemory = '1GB';

/**
 * The options of a new database. Its memory limit covers DuckDB's buffer manager: tables, sorts, joins, aggregates.
 * Vectors escape it: see sandbox.process.ts.
 */
export const optionsFor = ({ threads = 1, spill }: Bounds): Record<string, string> => ({
  memory_limit: loadMemory,
  threads: String(threads),
  // Without a folder nothing spills to disk: a query beyond the limit fails.
  temp_directory: spill?.folder ?? '',
  max_temp_directory_size: `${spill?.maxBytes ?? 0}B`,
  errors_as_json: 'true',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_persistent_secrets: 'false',
  // Never read or made: keeps the paths of this machine out of DuckDB's messages.
  extension_directory: '/none',
  secret_directory: '/none',
});
