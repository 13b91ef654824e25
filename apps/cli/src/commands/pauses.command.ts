// `pauses`: agents and task types that start no task, for all tenants; pauses of one tenant are made over REST.
import { parseArgs } from 'node:util';

import { Agents, type PauseRow, Pauses, type PauseTarget } from '@pulser/context-bus';
import { builtInAgents, builtInTaskTypes } from '@pulser/contracts';
import type { Database } from '@pulser/database';

import { type CliEnv, type Command, operator, UsageError, withDatabase } from '../command.js';

const usage =
  'pauses list | pause | resume --agent <name> or --task-type <type> [--reason <text>]   ' +
  'what starts no task for now, for all tenants';

const targetOf = (agent: string | undefined, taskType: string | undefined): PauseTarget => {
  if (agent !== undefined && taskType === undefined) return { agent };
  if (taskType !== undefined && agent === undefined) return { taskType };
  throw new UsageError('Either --agent <name> or --task-type <type>');
};

/** @throws UsageError for an agent or a task type that is neither built in nor admitted */
const requireKnown = async (database: Database, { agent, taskType }: PauseTarget): Promise<void> => {
  const admitted = await new Agents(database).admitted();
  const agents = new Set([...builtInAgents, ...admitted.map((one) => one.agent)]);
  const types = new Set([...builtInTaskTypes, ...admitted.map((one) => one.taskType)]);
  if (agent !== undefined && !agents.has(agent))
    throw new UsageError(`There is no agent "${agent}", only ${[...agents].sort().join(', ')}`);
  if (taskType !== undefined && !types.has(taskType))
    throw new UsageError(`There is no task type "${taskType}", only ${[...types].sort().join(', ')}`);
};

const line = ({ agent, taskType, pausedAt, reason }: PauseRow): string =>
  `${agent === null ? `task type ${taskType}` : `agent ${agent}`}  since ${pausedAt.toISOString()}  ${reason ?? ''}`.trim();

const list = (env: CliEnv): Promise<string> =>
  withDatabase(
    env,
    async (database) => (await new Pauses(database).list(undefined)).map(line).join('\n') || 'Nothing is paused',
  );

const pause = (target: PauseTarget, reason: string | undefined, env: CliEnv): Promise<string> =>
  withDatabase(env, async (database) => {
    await requireKnown(database, target);
    await new Pauses(database).pause(undefined, operator('pauses pause'), target, reason);
    return 'Paused';
  });

const resume = (target: PauseTarget, env: CliEnv): Promise<string> =>
  withDatabase(env, async (database) => {
    await requireKnown(database, target);
    const resumed = await new Pauses(database).resume(undefined, operator('pauses resume'), target);
    return resumed ? 'Resumed' : 'It was not paused';
  });

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
