// The users of the broker, one per role, and what each of them does.
import { type AgentName, builtInAgents, exchange, type ExchangeName, type MessageKey, queue } from '@pulser/contracts';

import type { Binding } from '../broker/broker.js';
import { agentQueue, exchanges, type QueueDeclaration, queues, type Topology } from '../broker/topology.js';

/** What a user of the broker does there, and so may do: nothing else. */
export interface BrokerUser {
  readonly name: string;
  /** Durable queues that it consumes; what it cannot handle goes to the dead letters under their names. */
  readonly consumes: readonly QueueDeclaration['name'][];
  /** Durable queues that it declares and binds. */
  readonly declares: readonly QueueDeclaration[];
  /** Queues that it may declare too, with regular expressions for names. */
  readonly mayDeclare?: readonly QueueDeclaration[];
  /** Queues whose messages and consumers it counts, with regular expressions for names. */
  readonly measures?: readonly QueueDeclaration['name'][];
  /** Routing keys, by exchange. */
  readonly publishes: Partial<Readonly<Record<ExchangeName, readonly string[]>>>;
  /** It answers the requests that it consumes: direct replies go over the default exchange. */
  readonly answers?: true;
  /** Events it receives over a queue of its own that goes with the connection; what the queue is for. */
  readonly hears: { readonly temporaryFor: string; readonly keys: readonly MessageKey[] } | undefined;
}

const { tasks, agents, events, rpc } = {
  rpc: exchange.rpc.name,
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
  publishes: {
    [tasks]: ['tasks.submitted'],
    [agents]: [anyAgent],
    [events]: [
      'task.queued',
      'tasks.unlisted',
      'task.cancelled',
      'dispatch.reported',
      'streams.reported',
      'tenant.changed',
      'tool.cancelled',
    ],
    [rpc]: ['tool.call', 'tools.read', 'tools.review'],
  },
  hears: {
    temporaryFor: 'gateway events',
    keys: [
      ...(['task.queued', 'tasks.unlisted', ...outcomes, 'task.cancelled', 'tenant.changed'] as const),
      ...(['agent.heartbeat', 'agent.health-changed', 'dispatch.granted', 'streams.reported'] as const),
      'scaling.measured',
      'mcp.server-changed',
    ],
  },
};

/** Declares every queue. Exchanges are in the definitions: RabbitMQ deletes their permissions with them. */
const router: BrokerUser = {
  name: 'router',
  consumes: [queue.routerTasks, queue.deadLetters],
  declares: queues,
  mayDeclare: [agentQueue(anyAgent)],
  publishes: {
    [agents]: [anyAgent],
    [events]: [
      ...['task.queued', 'tasks.unlisted', 'task.retrying', 'task.failed', 'task.cancelled', 'dispatch.granted'],
      'scaling.measured',
      'dead-letters.threshold-exceeded',
      'tenant.changed',
    ],
  },
  hears: {
    temporaryFor: 'heartbeats',
    keys: ['agent.heartbeat', 'agent.health-changed', 'dispatch.reported', 'streams.reported'],
  },
};

/** Watches the agents, and the servers of tools: it sends them canaries, and says how they are. */
const health: BrokerUser = {
  name: 'health',
  consumes: [],
  declares: [],
  measures: [queue.agent(anyAgent)],
  publishes: { [agents]: [anyAgent], [events]: ['agent.health-changed'] },
  hears: { temporaryFor: 'heartbeats', keys: ['agent.heartbeat', 'mcp.heartbeat'] },
};

/** The worker of an agent, one of Pulser's own or one from outside. */
export const workerUser = (agent: AgentName): BrokerUser => ({
  name: `worker-${agent}`,
  consumes: [queue.agent(agent)],
  declares: [agentQueue(agent)],
  publishes: {
    [tasks]: ['tasks.submitted'],
    [events]: ['task.queued', ...outcomes, 'steps.ended', 'tenant.changed', 'agent.heartbeat', 'tool.cancelled'],
    // Whatever it writes there: the coordinator asks the row of the task, and the broker for the sender.
    [rpc]: ['tool.call', 'tools.read'],
  },
  hears: { temporaryFor: 'cancellations', keys: ['task.cancelled'] },
});

/** The worker that advances runs of workflows: it submits their tasks, and ends what they leave open. */
const orchestrator = (agent: AgentName): BrokerUser => {
  const worker = workerUser(agent);
  return {
    ...worker,
    publishes: {
      ...worker.publishes,
      [events]: [...(worker.publishes[events] ?? []), 'task.cancelled'],
    },
    hears: { temporaryFor: 'cancellations', keys: ['task.cancelled', 'steps.ended'] },
  };
};

const orchestratorName: AgentName = 'pulser';

const builtInWorker = (agent: AgentName): BrokerUser =>
  agent === orchestratorName ? orchestrator(agent) : workerUser(agent);

/** Calls the tools of MCP servers, for workers and gateways. */
const mcpCoordinator: BrokerUser = {
  name: 'mcp-coordinator',
  consumes: [queue.toolCalls],
  declares: queues.filter(({ name }) => name === queue.toolCalls),
  publishes: { [events]: ['mcp.heartbeat', 'mcp.server-changed', 'tenant.changed'] },
  answers: true,
  hears: { temporaryFor: 'ends of tool calls', keys: ['tool.cancelled'] },
};

/** Systems outside that order tasks. */
const producer: BrokerUser = {
  name: 'producer',
  consumes: [],
  declares: [],
  publishes: { [tasks]: ['task.submit'] },
  hears: undefined,
};

export const brokerUsers: readonly BrokerUser[] = [
  gateway,
  router,
  health,
  mcpCoordinator,
  ...builtInAgents.map(builtInWorker),
  producer,
];

const everything: Topology = { exchanges, queues };

const ownName = (user: string): string => user.split('.').at(-1) ?? user;

/**
 * The role of a user. Several installations on one broker put their name before it, for instance `staging.router`. Behind it
 * may stand which of two users in turn it is, while one takes the place of the other: `router~2`.
 */
export const roleOfUser = (user: string): string => ownName(user).split('~', 1)[0] ?? user;

/** What stands before the role of a user: empty, or the name of the installation with its point. */
export const installationOfUser = (user: string): string => user.slice(0, -ownName(user).length);

const roleOf = (url: string): string => roleOfUser(new URL(url).username);

/** The agent whose worker is this user; undefined for any other user. */
export const agentOfUser = (user: string): AgentName | undefined =>
  /^worker-([a-z][a-z0-9_]{0,39})$/.exec(roleOfUser(user))?.[1];

/** The user that a service is, where services share a process and no broker tells them apart. */
export const brokerUserOf = (service: string): string =>
  builtInAgents.includes(service) ? `worker-${service}` : service;

const outsideWorker = (role: string): BrokerUser | undefined => {
  const agent = agentOfUser(role);
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

/** Regular expressions of names. Which operation needs what: https://www.rabbitmq.com/docs/access-control#authorisation */
interface Permission {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/** Regular expressions of routing keys: those that may be published to a topic exchange, and those that may be bound. */
interface TopicPermission extends Omit<Permission, 'configure'> {
  readonly exchange: ExchangeName;
}

/** Names that the broker gives to queues that belong to one connection: no other connection can use these. */
const temporary = String.raw`amq\.gen-.*`;

const exactly = (name: string): string => name.replaceAll('.', String.raw`\.`);

/** Nothing at all when there are none. */
const oneOf = (patterns: Iterable<string>): string => {
  const all = [...new Set(patterns)];
  return all.length === 0 ? '^$' : `^(${all.join('|')})$`;
};

const rejects = ({ consumes, hears }: BrokerUser): string[] => [...consumes, ...(hears ? [hears.temporaryFor] : [])];

const writesTo = (user: BrokerUser): string[] => [
  ...Object.keys(user.publishes),
  ...(rejects(user).length > 0 ? [exchange.dead.name] : []),
  ...(user.answers === true ? ['amq.default'] : []),
];

const declarable = ({ declares, mayDeclare = [] }: BrokerUser) => [...declares, ...mayDeclare];

const bindsTo = (user: BrokerUser): Binding[] => [
  ...declarable(user).flatMap(({ bindings }) => bindings),
  ...(user.hears?.keys ?? []).map((pattern) => ({ exchange: exchange.events.name, pattern })),
];

/** What a user may declare and delete, publish to and bind, consume and bind from. */
const permissionOf = (user: BrokerUser): Permission => {
  const declared = declarable(user).map(({ name }) => exactly(name));
  // RabbitMQ wants the permission to configure for a passive declaration.
  const measured = (user.measures ?? []).map(exactly);
  const own = user.hears === undefined ? [] : [temporary];
  const sources = bindsTo(user).map((binding) => binding.exchange);
  return {
    configure: oneOf([...declared, ...measured, ...own]),
    write: oneOf([...writesTo(user).map(exactly), ...declared, ...own]),
    read: oneOf([...user.consumes.map(exactly), ...sources.map(exactly), ...own]),
  };
};

/** The routing keys of a user, for every topic exchange that it may use at all: without an entry RabbitMQ allows any key. */
const topicPermissionsOf = (user: BrokerUser): TopicPermission[] => {
  const bindings = bindsTo(user);
  const used = new Set<string>([...writesTo(user), ...bindings.map((binding) => binding.exchange)]);
  return exchanges
    .filter(({ name, kind }) => kind === 'topic' && used.has(name))
    .map(({ name }) => ({
      exchange: name,
      write: oneOf(
        [...(user.publishes[name] ?? []), ...(name === exchange.dead.name ? rejects(user) : [])].map(exactly),
      ),
      read: oneOf(bindings.filter((binding) => binding.exchange === name).map(({ pattern }) => exactly(pattern))),
    }));
};

const vhost = '/';

/**
 * What RabbitMQ must know before the services start, in its own format: exchanges and what each user may do. No users:
 * these have passwords. Queues are declared by the services, because their type depends on the version of the broker.
 * https://www.rabbitmq.com/docs/definitions
 */
export const brokerDefinitions = (users: readonly BrokerUser[] = brokerUsers) => ({
  vhosts: [{ name: vhost }],
  exchanges: exchanges.map(({ name, kind }) => ({
    name,
    vhost,
    type: kind,
    durable: true,
    auto_delete: false,
    internal: false,
    arguments: {},
  })),
  permissions: users.map((user) => ({ user: user.name, vhost, ...permissionOf(user) })),
  topic_permissions: users.flatMap((user) =>
    topicPermissionsOf(user).map((permission) => ({ user: user.name, vhost, ...permission })),
  ),
});
