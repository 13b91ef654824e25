import type { EnvSource } from '@pulser/service-kit';

import type { EmbeddedEnv } from '../embedded.env.js';

/** Better here than the services' own defaults, but whoever starts Pulser may set others. */
const defaults = {
  // All connections take turns on one session: more of them would only wait.
  DATABASE_POOL_MAX: '4',
  // No message is lost between services of one process, and each look costs 5 ms of its only thread.
  SWEEP_MS: '1000',
};

/** What every service of this process gets as its environment: the user's, but for what embedded mode decides. */
export const serviceSettings = (source: EnvSource, env: EmbeddedEnv, databaseUrl: string): EnvSource => ({
  ...defaults,
  ...source,
  PORT: undefined,
  HOST: env.HOST,
  LOG_LEVEL: env.LOG_LEVEL,
  LOG_PRETTY: String(env.logsArePretty),
  DATABASE_URL: databaseUrl,
  // Required, but never opened: the broker is in this process.
  AMQP_URL: 'amqp://in-process',
});
