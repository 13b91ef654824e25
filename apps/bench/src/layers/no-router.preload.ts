// Loaded before a program with `node --import`: the gateway sends each task straight to the queue of its agent.
import { agentByTaskType, amqpPriority, type TasksSubmitted } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import { replaceMethod } from './replace-method.js';

/** As the router draws them. */
const nudgeSpan = 2 ** 48;

const nudgeAll = async (publisher: Publisher, tasks: TasksSubmitted): Promise<void> => {
  const sent = tasks.map(({ priority, ...task }) => {
    const nudge = { ...task, nudge: Math.floor(Math.random() * nudgeSpan) };
    return publisher.nudge(agentByTaskType[task.task_type], nudge, amqpPriority[priority]);
  });
  await Promise.all(sent);
};

replaceMethod(Publisher.prototype, 'publish', (original) => {
  return function (...args) {
    if (args[0] !== 'tasks.submitted') return original.apply(this, args);
    return nudgeAll(this as Publisher, args[1] as TasksSubmitted);
  };
});
