// `agents`: which agents from outside may register, with which task types.
import { AdmissionRefused, type AdmittedTaskType, Agents } from '@pulser/context-bus';
import { AgentName, TaskType } from '@pulser/contracts';
import { brokerDefinitions, workerUser } from '@pulser/messaging';

import { addCommand, type AddCommands, UsageError, withDatabase } from '../command.js';

const nameOf = (text: string): AgentName => {
  const name = AgentName.safeParse(text);
  if (name.success) return name.data;
  throw new UsageError('The name of an agent is a small letter, then small letters, digits and underscores');
};

const typesOf =
  (option: string) =>
  (text: string): TaskType[] => {
    const names = text.split(',').filter((name) => name !== '');
    const wrong = names.find((name) => !TaskType.safeParse(name).success);
    if (wrong !== undefined) throw new UsageError(`--${option} names task types, and "${wrong}" cannot be one`);
    return names;
  };

const withAgents = (work: (agents: Agents) => Promise<string>): Promise<string> =>
  withDatabase((database) => work(new Agents(database)));

const line = ({ taskType, agent, isOwner }: AdmittedTaskType, revoked: readonly AgentName[]): string =>
  `${taskType}  ${isOwner ? '' : 'backed up by '}${agent}${revoked.includes(agent) ? ' (revoked)' : ''}`;

const list = (): Promise<string> =>
  withAgents(async (agents) => {
    const revoked = await agents.revoked();
    return (await agents.admitted()).map((one) => line(one, revoked)).join('\n') || 'There are none';
  });

interface Admission {
  readonly types?: TaskType[];
  readonly backsUp?: TaskType[];
}

const admit = (agent: AgentName, { types = [], backsUp = [] }: Admission): Promise<string> =>
  withAgents(async (agents) => {
    if (types.length + backsUp.length === 0) throw new UsageError('--types or --backs-up names what the agent may run');
    try {
      return await agents.admit({ agent, types, backsUp });
    } catch (error) {
      throw error instanceof AdmissionRefused ? new UsageError(error.message) : error;
    }
  });

const revoke = (agent: AgentName): Promise<string> =>
  withAgents(async (agents) => {
    if (await agents.revoke(agent)) return 'Revoked';
    throw new UsageError(`There is no agent from outside called "${agent}"`);
  });

// In the form of `rabbitmqctl import_definitions`; the user itself has a password, which is not Pulser's to know.
const brokerUser = (agent: AgentName): string => {
  const { permissions, topic_permissions } = brokerDefinitions([workerUser(agent)]);
  return JSON.stringify({ permissions, topic_permissions }, null, 2);
};

export const addAgents: AddCommands = (parent, print) => {
  const agents = parent.command('agents').description('Agents from outside, which run in processes of their own.');
  const named = (verb: string, what: string, example = `agents ${verb} greeter`) =>
    addCommand(agents, verb, what, example).argument('<name>', 'name of the agent', nameOf);
  addCommand(agents, 'list', 'the task types of each admitted agent', 'agents list').action(async () => {
    print(await list());
  });
  named('admit', 'let an agent register; prints AGENT_TOKEN, this once', 'agents admit greeter --types greetings')
    .option('--types <type,...>', 'task types that it owns, comma separated', typesOf('types'))
    .option('--backs-up <type,...>', 'task types that it runs when their agent cannot', typesOf('backs-up'))
    .action(async (name: AgentName, admission: Admission) => {
      print(await admit(name, admission));
    });
  named('revoke', 'let an agent register no more').action(async (name: AgentName) => {
    print(await revoke(name));
  });
  named('broker-user', 'permissions of its RabbitMQ user, for rabbitmqctl').action((name: AgentName) => {
    print(brokerUser(name));
  });
};
