import { type z } from 'zod';

import { SubmitTask } from '../tasks/submit-task.js';
import { AgentHeartbeat } from './agent-heartbeat.js';
import { DeadLettersGrowing } from './dead-letters-growing.js';
import { TaskFacts, TaskFailures, TaskNudges, TaskProgressed, TasksSubmitted } from './task-messages.js';
import { exchange } from './topology.js';

/** A routing key, the exchange it is published to and the schema of its body. Nudges use the agent's name as key. */
export const messages = {
  'task.submit': { exchange: exchange.tasks, body: SubmitTask },
  'tasks.submitted': { exchange: exchange.tasks, body: TasksSubmitted },
  'task.nudge': { exchange: exchange.agents, body: TaskNudges },
  'task.started': { exchange: exchange.events, body: TaskFacts },
  'task.progress': { exchange: exchange.events, body: TaskProgressed },
  'task.retrying': { exchange: exchange.events, body: TaskFailures },
  'task.completed': { exchange: exchange.events, body: TaskFacts },
  'task.failed': { exchange: exchange.events, body: TaskFailures },
  'task.cancelled': { exchange: exchange.events, body: TaskFacts },
  'agent.heartbeat': { exchange: exchange.events, body: AgentHeartbeat },
  'dead-letters.growing': { exchange: exchange.events, body: DeadLettersGrowing },
} as const;

export type MessageMap = typeof messages;
export type MessageKey = keyof MessageMap;
export type MessageBody<K extends MessageKey> = z.infer<MessageMap[K]['body']>;
/** What a producer may write: defaults are still missing. */
export type MessageInput<K extends MessageKey> = z.input<MessageMap[K]['body']>;
