import { AgentEnv } from '@pulser/agent-runtime';
import { CliEnv } from '@pulser/cli';
import { GatewayEnv } from '@pulser/gateway';
import { RouterEnv } from '@pulser/router';
import { envTable } from '@pulser/service-kit';

import { EmbeddedEnv } from '../embedded.env.js';

const begin = '<!-- configuration: written by `npm run docs` -->';
const end = '<!-- end of configuration -->';

const table = (): string =>
  envTable([
    { service: 'npm start', env: EmbeddedEnv },
    { service: 'gateway', env: GatewayEnv, defaultPort: 8_000 },
    { service: 'router', env: RouterEnv, defaultPort: 8_001 },
    { service: 'dash', env: AgentEnv, defaultPort: 8_010 },
    { service: 'command line', env: CliEnv },
  ]);

/** The README with the table of all variables as the services read them. @throws Error when it has no place for it */
export const withConfiguration = (readme: string): string => {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from === -1 || to < from) throw new Error(`The README lacks the lines ${begin} and ${end}`);
  return `${readme.slice(0, from)}${begin}\n\n${table()}\n\n${readme.slice(to)}`;
};
