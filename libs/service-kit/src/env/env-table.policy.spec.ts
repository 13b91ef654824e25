import { z } from 'zod';

import { BaseEnv } from './base-env.js';
import { envTable } from './env-table.js';
import { Env } from './env.js';

class GatewayEnv extends Env({
  PORT: BaseEnv.PORT,
  LOG_LEVEL: BaseEnv.LOG_LEVEL,
  DATABASE_URL: z.url().describe('Where tasks are kept'),
}) {}

class RouterEnv extends Env({
  PORT: BaseEnv.PORT,
  LOG_LEVEL: BaseEnv.LOG_LEVEL,
  MODE: z.string().default('a|b').describe('a | b'),
}) {}

describe('the table of variables', () => {
  it('leaves no default empty where others have one, and says the same once', () => {
    const pretty = (meaning: string) => ({ LOG_PRETTY: z.stringbool().optional().describe(meaning) });
    const table = envTable([
      { service: 'npm start', env: Env(pretty('For human eyes; on a terminal only')) },
      { service: 'gateway', env: Env({ LOG_PRETTY: z.stringbool().default(false).describe('For human eyes') }) },
    ]);
    expect(table.split('\n').at(-1)).toBe(
      '| `LOG_PRETTY` | npm start: not set, gateway: `false` | For human eyes; on a terminal only |',
    );
  });

  it('has a row a variable, with the services that alone use it and defaults that differ', () => {
    const table = envTable([
      { service: 'gateway', env: GatewayEnv, defaultPort: 8000 },
      { service: 'router', env: RouterEnv, defaultPort: 8001 },
    ]);

    expect(table.split('\n')).toEqual([
      '| variable | default | meaning |',
      '| --- | --- | --- |',
      '| `PORT` | gateway: `8000`, router: `8001` | HTTP port; 0 picks a free one |',
      '| `LOG_LEVEL` | `info` | Least severity that is logged |',
      '| `DATABASE_URL` | required | Where tasks are kept (gateway) |',
      '| `MODE` | `a\\|b` | a \\| b (router) |',
    ]);
  });
});
