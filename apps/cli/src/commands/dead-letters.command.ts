import { parseArgs } from 'node:util';

import { UnattributedDeadLetters } from '@pulser/context-bus';
import { checkSchemaVersion } from '@pulser/database';

import type { CliEnv } from '../cli.env.js';
import { type Command, UsageError } from './command.js';
import { letterLines } from './letter-line.policy.js';
import { withDatabase } from './with-database.js';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const by = 'command line';

const usage =
  'dead-letters list [--limit <n>] | discard <id ...> --reason <text> | discard --all --reason <text>   ' +
  'messages that no tenant may see, because their API key was missing or wrong';

interface Options {
  readonly limit: string;
  readonly reason?: string | undefined;
  readonly all: boolean;
}

const withLetters = <T>(env: CliEnv, work: (letters: UnattributedDeadLetters) => Promise<T>): Promise<T> =>
  withDatabase(env, async (database) => {
    await checkSchemaVersion(database);
    return work(new UnattributedDeadLetters(database));
  });

const list = ({ limit }: Options, env: CliEnv): Promise<string> => {
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new UsageError(`"${limit}" is not a number from 1 to 9999`);
  return withLetters(env, async (letters) => {
    const found = await letters.list(Number(limit));
    return found.length === 0 ? 'There are none' : found.map(letterLines).join('\n');
  });
};

const discard = (ids: readonly string[], { reason = '', all }: Options, env: CliEnv): Promise<string> => {
  if (reason.trim() === '') throw new UsageError('dead-letters discard needs a --reason');
  if (all === ids.length > 0) throw new UsageError('dead-letters discard needs either ids or --all');
  const wrong = ids.find((id) => !uuid.test(id));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is not the id of a dead letter`);
  return withLetters(env, async (letters) => {
    const discarded = await letters.discard(all ? undefined : ids, reason.trim(), by);
    return `Discarded ${discarded} of ${all ? discarded : ids.length}`;
  });
};

/** Dead letters without a tenant. */
export const deadLetters: Command = {
  usage,
  run: async (args, env) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        limit: { type: 'string', default: '50' },
        reason: { type: 'string' },
        all: { type: 'boolean', default: false },
      },
    });
    const [order, ...ids] = positionals;
    if (order === 'list' && ids.length === 0) return list(values, env);
    if (order === 'discard') return discard(ids, values, env);
    throw new UsageError(`Usage: ${usage}`);
  },
};
