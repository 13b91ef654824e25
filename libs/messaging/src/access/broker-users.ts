// The users of the broker, one per role, and what each of them does.
import { agentNames, exchange, queue, type AgentName, type ExchangeName, type MessageKey } from '@pulser/contracts';

import { exchanges, queues, type QueueDeclaration, type Topology } from '../broker/topology.js';

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
  publishes: { [agents]: agentNames, [events]: ['task.retrying', 'task.failed', 'dead-letters.threshold-exceeded'] },
  hears: { temporaryFor: 'heartbeats', keys: ['agent.heartbeat'] },
};

const worker = (agent: AgentName): BrokerUser => ({
  name: `worker-${agent}`,
  consumes: [queue.agent(agent)],
  declares: queues.filter(({ name }) => name === queue.agent(agent)),
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

export const brokerUsers: readonly BrokerUser[] = [gateway, router, ...agentNames.map(worker), producer];

const everything: Topology = { exchanges, queues };

// Several installations on one broker put their name before it, for instance `staging.router`.
const roleOf = (url: string): string | undefined => new URL(url).username.split('.').at(-1);

/**
 * What a service declares that connects with this URL. As one of the users in the definitions: only its own, because RabbitMQ
 * refuses it even to ask about the rest. As any other user: everything.
 */
export const declaredBy = (url: string): Topology => {
  const user = brokerUsers.find(({ name }) => name === roleOf(url));
  return user === undefined ? everything : { exchanges: [], queues: user.declares };
};
