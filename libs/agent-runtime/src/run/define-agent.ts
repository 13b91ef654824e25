import { exchange, queue } from '@pulser/contracts';
import { Broker, BrokerServer } from '@pulser/messaging';
import { Logger, type ServiceDefinition } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { type AgentDescription, AgentProfile } from '../agent/agent-profile.js';
import { AgentModule } from './agent.module.js';

const cancellations = { exchange: exchange.events.name, pattern: 'task.cancelled' } as const;

/** Share of SHUTDOWN_TIMEOUT_S that messages get to end: more than attempts get, so that releases are written. */
const drainShare = 0.9;

/**
 * An agent as a service: it takes tasks from its queue and runs the operations of its skills.
 * @throws TypeError when a task type or an operation is there twice
 */
export const defineAgent = (description: AgentDescription): ServiceDefinition<AgentEnv> => {
  const profile = new AgentProfile(description);
  return {
    name: profile.name,
    defaultPort: description.defaultPort,
    env: AgentEnv,
    module: (env) => AgentModule.forRoot(profile, env),
    microservices: (app, env) =>
      new BrokerServer(
        app.get(Broker),
        [
          // Unacknowledged messages are running tasks, so the prefetch leaves room for the free slots only.
          { queue: queue.agent(profile.name), bindings: [], prefetch: env.CONCURRENCY, pattern: 'task.dispatch' },
          { queue: { temporaryFor: 'cancellations' }, bindings: [cancellations], prefetch: 100 },
        ],
        app.get(Logger),
        { drainMs: env.SHUTDOWN_TIMEOUT_S * 1_000 * drainShare },
      ),
  };
};
