// `dead-letters`: messages without a tenant, which only the administrator may see: the list, and discards.
import { type UnattributedDeadLetter, UnattributedDeadLetters } from '@pulser/context-bus';

import { addCommand, type AddCommands, harmless, UsageError, uuid, wholeUpTo, withDatabase } from '../command.js';

const by = 'command line';

/** A dead letter as two lines of the list. */
export const deadLetterLines = ({ id, createdAt, reason, bytes, ...message }: UnattributedDeadLetter): string => {
  const from = [message.sourceQueue, message.routingKey, message.messageId].map((part) => harmless(part ?? '-'));
  const facts = [id, createdAt.toISOString(), reason, ...from, `${bytes} bytes`];
  return `${facts.join('  ')}\n    ${harmless(message.detail ?? '')}: ${harmless(message.beginning.toString('utf8'))}`;
};

const withDeadLetters = (work: (deadLetters: UnattributedDeadLetters) => Promise<string>): Promise<string> =>
  withDatabase((database) => work(new UnattributedDeadLetters(database)));

const list = (limit: number): Promise<string> =>
  withDeadLetters(async (stored) => {
    const found = await stored.list(limit);
    return found.length === 0 ? 'There are none without a tenant' : found.map(deadLetterLines).join('\n');
  });

interface Discard {
  readonly reason: string;
  readonly all?: boolean;
}

const discard = (ids: readonly string[], { reason, all = false }: Discard): Promise<string> => {
  if (reason.trim() === '') throw new UsageError('dead-letters discard needs a --reason');
  if (all === ids.length > 0) throw new UsageError('dead-letters discard needs either ids or --all');
  const wrong = ids.find((id) => !uuid.test(id));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is not the id of a dead letter`);
  return withDeadLetters(async (stored) => {
    const discarded = await stored.discard(all ? undefined : ids, reason.trim(), by);
    return `Discarded ${discarded} of ${all ? discarded : ids.length}`;
  });
};

export const addDeadLetters: AddCommands = (parent, print) => {
  const deadLetters = parent
    .command('dead-letters')
    .description('Messages that no tenant may see, because their API key was missing or wrong.');
  addCommand(deadLetters, 'list', 'the oldest first, each on two lines', 'dead-letters list --limit 10')
    .option('--limit <n>', 'how many at most, from 1 to 9999', wholeUpTo(9_999), 50)
    .action(async ({ limit }: { limit: number }) => {
      print(await list(limit));
    });
  const example = 'dead-letters discard --all --reason "a test of the producer"';
  addCommand(deadLetters, 'discard', 'settle some or all of them without a task', example)
    .argument('[id...]', 'ids, as the list shows them')
    .requiredOption('--reason <text>', 'why; it is kept with them')
    .option('--all', 'all of them instead of ids')
    .action(async (ids: string[], options: Discard) => {
      print(await discard(ids, options));
    });
};
