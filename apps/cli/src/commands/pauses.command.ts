// `pauses`: agents and task types that start no task, for all tenants; pauses of one tenant are made over REST.
import { parseArgs } from 'node:util';

import { type PauseRow, Pauses, type PauseTarget } from '@pulser/context-bus';
import { AgentName, TaskType } from '@pulser/contracts';

import type { CliEnv } from '../cli.env.js';
import { type Command, operator, UsageError, withDatabase } from '../command.js';

const usage =
  'pauses list | pause | resume --agent <name> or --task-type <type> [--reason <text>]   ' +
  'what starts no task for now, for all tenants';

const targetOf = (agent: string | undefined, taskType: string | undefined): PauseTarget => {
  const named = AgentName.safeParse(agent);
  const typed = TaskType.safeParse(taskType);
  if (named.success && taskType === undefined) return { agent: named.data };
  if (typed.success && agent === undefined) return { taskType: typed.data };
  throw new UsageError('Either --agent <name> or --task-type <type>: small letters, digits and underscores');
};

const line = ({ agent, taskType, pausedAt, reason }: PauseRow): string =>
  `${agent === null ? `task type ${taskType}` : `agent ${agent}`}  since ${pausedAt.toISOString()}  ${reason ?? ''}`.trim();

const withPauses = <T>(env: CliEnv, work: (pauses: Pauses) => Promise<T>): Promise<T> =>
  withDatabase(env, (database) => work(new Pauses(database)));

const list = (env: CliEnv): Promise<string> =>
  withPauses(env, async (all) => (await all.list(undefined)).map(line).join('\n') || 'Nothing is paused');

const pause = (target: PauseTarget, reason: string | undefined, env: CliEnv): Promise<string> =>
  withPauses(env, async (all) => {
    await all.pause(undefined, operator('pauses pause'), target, reason);
    return 'Paused';
  });

const resume = (target: PauseTarget, env: CliEnv): Promise<string> =>
  withPauses(env, async (all) =>
    (await all.resume(undefined, operator('pauses resume'), target)) ? 'Resumed' : 'It was not paused',
  );

const text = { type: 'string' } as const;
const options = { agent: text, 'task-type': text, reason: text };

export const pauses: Command = {
  usage,
  run: async (args, env) => {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [order] = positionals;
    if (order === 'list') return list(env);
    if (order !== 'pause' && order !== 'resume') throw new UsageError(`Usage: ${usage}`);
    const target = targetOf(values.agent, values['task-type']);
    return order === 'pause' ? pause(target, values.reason, env) : resume(target, env);
  },
};
