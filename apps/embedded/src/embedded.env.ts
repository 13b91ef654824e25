import { isatty } from 'node:tty';

import { BaseEnv, Env, PublicEnv } from '@pulser/service-kit';
import { z } from 'zod';

/** Configuration of embedded mode. Variables of the gateway, the router and the agents count too. */
export class EmbeddedEnv extends Env({
  ...BaseEnv,
  ...PublicEnv,
  PORT: z.coerce.number().int().min(0).max(65_535).default(8_000).describe('HTTP port; 0 picks a free one'),
  HOST: z.string().default('127.0.0.1').describe('Address the HTTP server listens on'),
  PULSER_DATA_DIR: z.string().default('.pulser/data').describe('Folder of the database and the API key'),
  // Everything is on one screen: what is printed at the start has to stay readable.
  LOG_LEVEL: BaseEnv.LOG_LEVEL.unwrap().default('warn').describe('Least severity that is logged'),
  LOG_PRETTY: z.stringbool().optional().describe('Log for human eyes instead of JSON; on a terminal by default'),
}) {
  get logsArePretty(): boolean {
    return this.LOG_PRETTY ?? isatty(1);
  }
}
