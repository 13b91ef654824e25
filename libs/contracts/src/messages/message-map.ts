import { type z } from 'zod';

import { SubmitTask } from '../tasks/submit-task.js';
import { AgentHeartbeat } from './agent-heartbeat.js';
import { DeadLettersThresholdExceeded } from './dead-letters-threshold-exceeded.js';
import { TaskEvents, TaskFailures, TaskDispatches, TaskProgressed, TasksSubmitted } from './task-messages.js';
import { exchange } from './topology.js';

/** A routing key, the exchange it is published to and the schema of its body. Dispatches use the agent's name as key. */
export const messages = {
  'task.submit': { exchange: exchange.tasks, body: SubmitTask },
  'tasks.submitted': { exchange: exchange.tasks, body: TasksSubmitted },
  'task.dispatch': { exchange: exchange.agents, body: TaskDispatches },
  'task.started': { exchange: exchange.events, body: TaskEvents },
  'task.progress': { exchange: exchange.events, body: TaskProgressed },
  'task.retrying': { exchange: exchange.events, body: TaskFailures },
  'task.completed': { exchange: exchange.events, body: TaskEvents },
  'task.failed': { exchange: exchange.events, body: TaskFailures },
  'task.cancelled': { exchange: exchange.events, body: TaskEvents },
  'agent.heartbeat': { exchange: exchange.events, body: AgentHeartbeat },
  'dead-letters.threshold-exceeded': { exchange: exchange.events, body: DeadLettersThresholdExceeded },
} as const;

export type MessageMap = typeof messages;
export type MessageKey = keyof MessageMap;
export type MessageBody<K extends MessageKey> = z.infer<MessageMap[K]['body']>;
/** What a producer may write: defaults are still missing. */
export type MessageInput<K extends MessageKey> = z.input<MessageMap[K]['body']>;
