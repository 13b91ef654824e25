import { parseArgs } from 'node:util';

import { type PauseRow, Pauses, type PauseTarget } from '@pulser/context-bus';
import { AgentName, TaskType } from '@pulser/contracts';
import { checkSchemaVersion } from '@pulser/database';

import type { CliEnv } from '../cli.env.js';
import { operator } from '../operator.js';
import { type Command, UsageError } from './command.js';
import { withDatabase } from './with-database.js';

const usage =
  'pauses list | pause | resume --agent <name> or --task-type <type> [--reason <text>]   ' +
  'what starts no task for now, for all tenants';

const targetOf = (agent: string | undefined, taskType: string | undefined): PauseTarget => {
  const named = AgentName.safeParse(agent);
  const typed = TaskType.safeParse(taskType);
  if (named.success && taskType === undefined) return { agent: named.data };
  if (typed.success && agent === undefined) return { taskType: typed.data };
  throw new UsageError(
    `Either --agent (${AgentName.options.join(', ')}) or --task-type (${TaskType.options.join(', ')})`,
  );
};

const line = ({ agent, taskType, pausedAt, reason }: PauseRow): string =>
  `${agent === null ? `task type ${taskType}` : `agent ${agent}`}  since ${pausedAt.toISOString()}  ${reason ?? ''}`.trim();

const withPauses = <T>(env: CliEnv, work: (pauses: Pauses) => Promise<T>): Promise<T> =>
  withDatabase(env, async (database) => {
    await checkSchemaVersion(database);
    return work(new Pauses(database));
  });

/** Pauses of the whole installation; those of a tenant are made over REST. */
export const pauses: Command = {
  usage,
  run: async (args, env) => {
    const text = { type: 'string' } as const;
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { agent: text, 'task-type': text, reason: text },
    });
    const [order] = positionals;
    if (order === 'list') {
      return withPauses(env, async (all) => (await all.list(undefined)).map(line).join('\n') || 'Nothing is paused');
    }
    if (order !== 'pause' && order !== 'resume') throw new UsageError(`Usage: ${usage}`);
    const target = targetOf(values.agent, values['task-type']);
    return withPauses(env, async (all) => {
      if (order === 'resume')
        return (await all.resume(undefined, operator(`pauses ${order}`), target)) ? 'Resumed' : 'It was not paused';
      await all.pause(undefined, operator(`pauses ${order}`), target, values.reason);
      return 'Paused';
    });
  },
};
