// Loaded before a program with `node --import`: the gateway sends each task straight to the queue of its agent.
import { agentByTaskType, amqpPriority, type TasksSubmitted } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import { replaceMethod } from './replace-method.js';

/** As the router draws them. */
const dispatchIdSpan = 2 ** 48;
/** As the router puts together where workers end some 3,000 tasks a second. */
const perMessage = 30;

const dispatchAll = async (publisher: Publisher, tasks: TasksSubmitted): Promise<void> => {
  const sent: Promise<void>[] = [];
  for (const [type, same] of Map.groupBy(tasks, ({ task_type }) => task_type)) {
    for (let from = 0; from < same.length; from += perMessage) {
      const together = same.slice(from, from + perMessage);
      const dispatchId = Math.floor(Math.random() * dispatchIdSpan);
      const dispatches = together.map(({ task_id, tenant_id, task_type, payload, traceparent }) => ({
        task_id,
        tenant_id,
        task_type,
        payload,
        traceparent,
        dispatch_id: dispatchId,
        nudge: dispatchId,
      }));
      // The tasks of a run have one priority.
      const priority = amqpPriority[together[0]?.priority ?? 'medium'];
      sent.push(publisher.dispatch(agentByTaskType[type], dispatches, priority));
    }
  }
  await Promise.all(sent);
};

replaceMethod(Publisher.prototype, 'publish', (original) => {
  return function (...args) {
    if (args[0] !== 'tasks.submitted') return original.apply(this, args);
    return dispatchAll(this as Publisher, args[1] as TasksSubmitted);
  };
});
