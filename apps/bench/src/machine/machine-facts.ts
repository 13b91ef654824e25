import { cpus, totalmem, release } from 'node:os';

import { statement } from '@pulser/database';
import { openAsAdministrator, type Servers } from '@pulser/harness';

import { megabytes } from '../report/figure.policy.js';

const version = statement('bench.version', `select current_setting('server_version') as version`);

const settings = statement(
  'bench.settings',
  `select string_agg(name || ' = ' || current_setting(name), ', ' order by name) as settings from pg_settings
   where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers')`,
);

/** What figures are worth nothing without. */
export const machineFacts = async (servers: Servers): Promise<Record<string, string>> => {
  const database = await openAsAdministrator(servers.databaseUrl, 1, 'bench-facts');
  try {
    const [server] = await database.query<{ version: string }>(version);
    const [set] = await database.query<{ settings: string }>(settings);
    return {
      cores: `${cpus().length} (${cpus()[0]?.model ?? 'unknown'})`,
      memory: `${megabytes(totalmem())} MB`,
      Linux: release(),
      'Node.js': process.versions.node,
      PostgreSQL: `${server?.version ?? 'unknown'} (${set?.settings ?? ''})`,
      RabbitMQ: (await servers.rabbitmqctl('version')).trim(),
    };
  } finally {
    await database.close();
  }
};
