import { CliEnv } from '@pulser/cli';
import { envTable } from '@pulser/service-kit';

import { EmbeddedEnv } from '../embedded.env.js';
import { hostedServices } from '../hosted-services.js';

const begin = '<!-- configuration: written by `npm run docs` -->';
const end = '<!-- end of configuration -->';

const table = (): string =>
  envTable([
    { service: 'npm start', env: EmbeddedEnv },
    ...hostedServices.map(({ name, env, defaultPort }) => ({ service: name, env, defaultPort })),
    { service: 'command line', env: CliEnv },
  ]);

/** The page with the table of all variables as the services read them. @throws Error when it has no place for it */
export const withConfiguration = (page: string): string => {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`The page lacks the lines ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${table()}\n\n${page.slice(to)}`;
};
