// `dead-letters`: messages without a tenant, which only the administrator may see: the list, and discards.
import { parseArgs } from 'node:util';

import { type UnattributedDeadLetter, UnattributedDeadLetters } from '@pulser/context-bus';

import { type CliEnv, type Command, UsageError, uuid, withDatabase } from '../command.js';

const by = 'command line';

const usage =
  'dead-letters list [--limit <n>] | discard <id ...> --reason <text> | discard --all --reason <text>   ' +
  'messages that no tenant may see, because their API key was missing or wrong';

interface Options {
  readonly limit: string;
  readonly reason?: string | undefined;
  readonly all: boolean;
}

const maxTextLength = 120;

// The sender is unknown: control characters must not reach the administrator's terminal.
const harmless = (text: string): string => text.replaceAll(/\p{C}/gu, '.').slice(0, maxTextLength);

/** A dead letter as two lines of the list. */
export const deadLetterLines = ({ id, createdAt, reason, bytes, ...message }: UnattributedDeadLetter): string => {
  const from = [message.sourceQueue, message.routingKey, message.messageId].map((part) => harmless(part ?? '-'));
  const facts = [id, createdAt.toISOString(), reason, ...from, `${bytes} bytes`];
  return `${facts.join('  ')}\n    ${harmless(message.detail ?? '')}: ${harmless(message.beginning.toString('utf8'))}`;
};

const withDeadLetters = <T>(env: CliEnv, work: (deadLetters: UnattributedDeadLetters) => Promise<T>): Promise<T> =>
  withDatabase(env, (database) => work(new UnattributedDeadLetters(database)));

const list = ({ limit }: Options, env: CliEnv): Promise<string> => {
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new UsageError(`"${limit}" is not a number from 1 to 9999`);
  return withDeadLetters(env, async (stored) => {
    const found = await stored.list(Number(limit));
    return found.length === 0 ? 'There are none' : found.map(deadLetterLines).join('\n');
  });
};

const discard = (ids: readonly string[], { reason = '', all }: Options, env: CliEnv): Promise<string> => {
  if (reason.trim() === '') throw new UsageError('dead-letters discard needs a --reason');
  if (all === ids.length > 0) throw new UsageError('dead-letters discard needs either ids or --all');
  const wrong = ids.find((id) => !uuid.test(id));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is not the id of a dead letter`);
  return withDeadLetters(env, async (stored) => {
    const discarded = await stored.discard(all ? undefined : ids, reason.trim(), by);
    return `Discarded ${discarded} of ${all ? discarded : ids.length}`;
  });
};

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
