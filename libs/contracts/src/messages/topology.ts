import type { AgentName } from '../agents/agent-name.js';

/** Every name on the broker is built here. */
export const exchange = {
  tasks: { name: 'pulser.tasks', kind: 'topic' },
  // Of kind topic, although its keys are plain names: on other kinds RabbitMQ cannot grant a worker its own key alone.
  agents: { name: 'pulser.agents', kind: 'topic' },
  events: { name: 'pulser.events', kind: 'topic' },
  rpc: { name: 'pulser.rpc', kind: 'direct' },
  dead: { name: 'pulser.dead', kind: 'topic' },
} as const;
export type Exchange = (typeof exchange)[keyof typeof exchange];
export type ExchangeName = Exchange['name'];

export const queue = {
  routerTasks: 'router.tasks',
  deadLetters: 'dead-letters',
  agent: (agent: AgentName): `agent.${AgentName}` => `agent.${agent}`,
} as const;

export const maxPriority = 9;
