// `pauses`: agents and task types that start no task, for all tenants; pauses of one tenant are made over REST.
import { Agents, type PauseRow, Pauses, type PauseTarget } from '@pulser/context-bus';
import { builtInAgents, builtInTaskTypes } from '@pulser/contracts';
import type { Database } from '@pulser/database';

import { addCommand, type AddCommands, harmless, operator, UsageError, withDatabase } from '../command.js';

interface Options {
  readonly agent?: string;
  readonly taskType?: string;
  readonly reason?: string;
}

const targetOf = ({ agent, taskType }: Options): PauseTarget => {
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
  `${agent === null ? `task type ${taskType}` : `agent ${agent}`}  since ${pausedAt.toISOString()}  ${harmless(reason ?? '')}`.trim();

const list = (): Promise<string> =>
  withDatabase(
    async (database) =>
      (await new Pauses(database).list(undefined)).map(line).join('\n') || 'Nothing is paused for all tenants',
  );

const pause = (target: PauseTarget, reason: string | undefined): Promise<string> =>
  withDatabase(async (database) => {
    await requireKnown(database, target);
    await new Pauses(database).pauseForAll(operator('pauses pause'), target, reason);
    return 'Paused';
  });

const resume = (target: PauseTarget): Promise<string> =>
  withDatabase(async (database) => {
    await requireKnown(database, target);
    const resumed = await new Pauses(database).resumeForAll(operator('pauses resume'), target);
    return resumed ? 'Resumed' : 'It was not paused';
  });

export const addPauses: AddCommands = (parent, print) => {
  const pauses = parent.command('pauses').description('What starts no task for now, for all tenants.');
  const targeted = (verb: string, what: string) =>
    addCommand(pauses, verb, what, `pauses ${verb} --agent dash`)
      .usage('[options] --agent <name> | --task-type <type>')
      .option('--agent <name>', 'all tasks of this agent')
      .option('--task-type <type>', 'all tasks of this type');
  addCommand(pauses, 'list', 'agents and task types that are paused', 'pauses list').action(async () => {
    print(await list());
  });
  targeted('pause', 'start no task of an agent or a type; running ones end')
    .option('--reason <text>', 'why; shown in the list and to clients who ask')
    .action(async (options: Options) => {
      print(await pause(targetOf(options), options.reason));
    });
  targeted('resume', 'start its tasks again').action(async (options: Options) => {
    print(await resume(targetOf(options)));
  });
};
