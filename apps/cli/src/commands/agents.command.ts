// `agents`: which agents from outside may register, with which task types.
import { parseArgs } from 'node:util';

import { AdmissionRefused, type AdmittedTaskType, Agents } from '@pulser/context-bus';
import { AgentName, TaskType } from '@pulser/contracts';
import { brokerDefinitions, workerUser } from '@pulser/messaging';

import { type CliEnv, type Command, UsageError, withDatabase } from '../command.js';

const usage =
  'agents list | admit <name> --types <type,type> [--backs-up <type,type>] | revoke <name> | broker-user <name>   ' +
  'agents from outside: admit prints the token of their workers, broker-user the definitions of their RabbitMQ user';

const nameOf = (text: string | undefined): AgentName => {
  const name = AgentName.safeParse(text);
  if (name.success) return name.data;
  throw new UsageError(`The name of an agent is a small letter, then small letters, digits and underscores: ${usage}`);
};

const typesOf = (option: string, text: string | undefined): TaskType[] => {
  const names = (text ?? '').split(',').filter((name) => name !== '');
  const wrong = names.find((name) => !TaskType.safeParse(name).success);
  if (wrong !== undefined) throw new UsageError(`--${option} names task types, and "${wrong}" cannot be one`);
  return names;
};

const withAgents = <T>(env: CliEnv, work: (agents: Agents) => Promise<T>): Promise<T> =>
  withDatabase(env, (database) => work(new Agents(database)));

const line = ({ taskType, agent, isOwner }: AdmittedTaskType, revoked: readonly AgentName[]): string =>
  `${taskType}  ${isOwner ? '' : 'backed up by '}${agent}${revoked.includes(agent) ? ' (revoked)' : ''}`;

const list = (env: CliEnv): Promise<string> =>
  withAgents(env, async (agents) => {
    const revoked = await agents.revoked();
    return (await agents.admitted()).map((one) => line(one, revoked)).join('\n') || 'There are none';
  });

const admit = (agent: AgentName, types: TaskType[], backsUp: TaskType[], env: CliEnv): Promise<string> =>
  withAgents(env, async (agents) => {
    if (types.length + backsUp.length === 0) throw new UsageError('--types or --backs-up names what the agent may run');
    try {
      return await agents.admit({ agent, types, backsUp });
    } catch (error) {
      throw error instanceof AdmissionRefused ? new UsageError(error.message) : error;
    }
  });

const revoke = (agent: AgentName, env: CliEnv): Promise<string> =>
  withAgents(env, async (agents) => {
    if (await agents.revoke(agent)) return 'Revoked';
    throw new UsageError(`There is no agent from outside called "${agent}"`);
  });

// In the form of `rabbitmqctl import_definitions`; the user itself has a password, which is not Pulser's to know.
const brokerUser = (agent: AgentName): string => {
  const { permissions, topic_permissions } = brokerDefinitions([workerUser(agent)]);
  return JSON.stringify({ permissions, topic_permissions }, null, 2);
};

const text = { type: 'string' } as const;

export const agents: Command = {
  usage,
  run: async (args, env) => {
    const options = { types: text, 'backs-up': text };
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [verb, name] = positionals;
    if (positionals.length > (verb === 'list' ? 1 : 2)) throw new UsageError(`Usage: ${usage}`);
    if (verb === 'list') return list(env);
    if (verb === 'admit')
      return admit(nameOf(name), typesOf('types', values.types), typesOf('backs-up', values['backs-up']), env);
    if (verb === 'revoke') return revoke(nameOf(name), env);
    if (verb === 'broker-user') return brokerUser(nameOf(name));
    throw new UsageError(`Usage: ${usage}`);
  },
};
