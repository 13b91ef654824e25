// The users of the broker, one per role, and what each of them does.
import { type AgentName, builtInAgents, exchange, type ExchangeName, type MessageKey, queue } from '@pulser/contracts';

import { agentQueue, exchanges, queues, type QueueDeclaration, type Topology } from '../broker/topology.js';

/**
 * What a user of the broker does there, and so may do: nothing else.
 * A user that answers requests will need to write to `amq.default` too: direct replies go over the default exchange.
 */
export interface BrokerUser {
  readonly name: string;
  /** Durable queues that it consumes; what it cannot handle goes to the dead letters under their names. */
  readonly consumes: readonly QueueDeclaration['name'][];
  /** Durable queues that it declares and binds. */
  readonly declares: readonly QueueDeclaration[];
  /** Queues that it may declare too, with regular expressions for names. */
  readonly mayDeclare?: readonly QueueDeclaration[];
  /** Routing keys, by exchange. */
  readonly publishes: Partial<Readonly<Record<ExchangeName, readonly string[]>>>;
  /** Events it receives over a queue of its own that goes with the connection; what the queue is for. */
  readonly hears: { readonly temporaryFor: string; readonly keys: readonly MessageKey[] } | undefined;
}

const { tasks, agents, events } = {
  tasks: exchange.tasks.name,
  agents: exchange.agents.name,
  events: exchange.events.name,
};

/** A regular expression: agents from outside have names that are not known here. */
const anyAgent = '[a-z][a-z0-9_]{0,39}';

const outcomes = ['task.started', 'task.progress', 'task.retrying', 'task.completed', 'task.failed'] as const;

const gateway: BrokerUser = {
  name: 'gateway',
  consumes: [],
  declares: [],
  publishes: { [tasks]: ['tasks.submitted'], [events]: ['task.cancelled'] },
  hears: { temporaryFor: 'gateway events', keys: [...outcomes, 'task.cancelled', 'agent.heartbeat'] },
};

/** Declares every queue. Exchanges are in the definitions: RabbitMQ deletes their permissions with them. */
const router: BrokerUser = {
  name: 'router',
  consumes: [queue.routerTasks, queue.deadLetters],
  declares: queues,
  mayDeclare: [agentQueue(anyAgent)],
  publishes: {
    [agents]: [anyAgent],
    [events]: ['task.retrying', 'task.failed', 'task.cancelled', 'dead-letters.threshold-exceeded'],
  },
  hears: { temporaryFor: 'heartbeats', keys: ['agent.heartbeat'] },
};

/** The worker of an agent, one of Pulser's own or one from outside. */
export const workerUser = (agent: AgentName): BrokerUser => ({
  name: `worker-${agent}`,
  consumes: [queue.agent(agent)],
  declares: [agentQueue(agent)],
  publishes: { [events]: [...outcomes, 'agent.heartbeat'] },
  hears: { temporaryFor: 'cancellations', keys: ['task.cancelled'] },
});

/** Systems outside that order tasks. */
const producer: BrokerUser = {
  name: 'producer',
  consumes: [],
  declares: [],
  publishes: { [tasks]: ['task.submit'] },
  hears: undefined,
};

export const brokerUsers: readonly BrokerUser[] = [gateway, router, ...builtInAgents.map(workerUser), producer];

const everything: Topology = { exchanges, queues };

// Several installations on one broker put their name before it, for instance `staging.router`.
const roleOf = (url: string): string | undefined => new URL(url).username.split('.').at(-1);

const outsideWorker = (role: string | undefined): BrokerUser | undefined => {
  const agent = /^worker-([a-z][a-z0-9_]{0,39})$/.exec(role ?? '')?.[1];
  return agent === undefined ? undefined : workerUser(agent);
};

/**
 * What a service declares that connects with this URL. As one of the users in the definitions: only its own, because RabbitMQ
 * refuses it even a passive declaration of others. As any other user: everything.
 */
export const declaredBy = (url: string): Topology => {
  const role = roleOf(url);
  const user = brokerUsers.find(({ name }) => name === role) ?? outsideWorker(role);
  return user === undefined ? everything : { exchanges: [], queues: user.declares };
};
