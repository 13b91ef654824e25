import { isatty } from 'node:tty';

import { dataFolderEnv } from '@pulser/database';
import { BaseEnv, Env, PublicEnv } from '@pulser/service-kit';
import { z } from 'zod';

/** Configuration of embedded mode. Variables of the gateway, the router and the agents count too. */
export class EmbeddedEnv extends Env({
  ...BaseEnv,
  ...PublicEnv,
  PORT: z.coerce.number().int().min(0).max(65_535).default(8_000).describe('HTTP port; 0 picks a free one'),
  HOST: z.string().default('127.0.0.1').describe('Address the HTTP server listens on'),
  ...dataFolderEnv,
  // Everything is on one screen: what is printed at the start has to stay readable.
  LOG_LEVEL: BaseEnv.LOG_LEVEL.unwrap().default('warn').describe('Least severity that is logged'),
  LOG_PRETTY: z
    .stringbool()
    .optional()
    .describe('Log for human eyes instead of JSON; when it is not set, on a terminal only'),
}) {
  get logsArePretty(): boolean {
    return this.LOG_PRETTY ?? isatty(1);
  }
}
