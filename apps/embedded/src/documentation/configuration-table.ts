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

/** The README with the table of all variables as the services read them. @throws Error when it has no place for it */
export const withConfiguration = (readme: string): string => {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from === -1 || to < from) throw new Error(`The README lacks the lines ${begin} and ${end}`);
  return `${readme.slice(0, from)}${begin}\n\n${table()}\n\n${readme.slice(to)}`;
};
