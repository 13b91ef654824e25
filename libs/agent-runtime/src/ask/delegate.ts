// `delegate`: a model asks another agent, by a task of its own. Whom it may ask and what those may call is fixed at the start.
import { TaskError, type TaskType } from '@pulser/contracts';
import { z } from 'zod';

import { type AskOrder, askOperation, type AskResult } from '../skills/ask-order.js';
import type { ChildEnd, ChildOrder, TaskContext } from '../skills/task-context.js';
import { checked, type DelegateTool } from './ask-tools.js';

export const delegateName = 'delegate';

const Delegation = z.strictObject({
  task_type: z.string().min(1).max(100),
  question: z.string().min(1).max(32_000),
  data: z.unknown().optional(),
});

/** What is handed down: fewer generations, the same limits. */
const payloadOf = (order: AskOrder, { task_type, question, data }: z.output<typeof Delegation>) => {
  const tools = order.delegate_to?.find((one) => one.task_type === task_type)?.tools;
  return {
    operation: askOperation,
    question,
    ...(data !== undefined && { data }),
    ...(tools !== undefined && { tools }),
    ...(order.budget !== undefined && { budget: order.budget }),
    ...(order.tree_budget !== undefined && { tree_budget: order.tree_budget }),
    ...(order.max_output_tokens !== undefined && { max_output_tokens: order.max_output_tokens }),
    ...(order.delegate_depth > 1 && { delegate_to: order.delegate_to, delegate_depth: order.delegate_depth - 1 }),
  };
};

/** @throws TaskError `invalid_payload` for whom it may not ask */
const orderOf = (order: AskOrder, types: readonly TaskType[], given: unknown): ChildOrder => {
  const delegation = checked(Delegation, given);
  const task_type = types.find((type) => type === delegation.task_type);
  if (task_type === undefined)
    throw new TaskError('invalid_payload', `task_type: it may ask agents of the types ${types.join(', ')} only`);
  return { task_type, payload: payloadOf(order, delegation) };
};

const answerOf = ({ taskId, status, result, error }: ChildEnd): unknown => {
  if (status === 'completed') {
    const { answer, model } = result as AskResult;
    return { answer, model, task_id: taskId };
  }
  if (error === undefined) throw new TaskError('handler_failed', `The task that was asked is ${status}`);
  throw new TaskError({ code: error.code, permanent: error.permanent }, error.message);
};

/**
 * @param types whom it may ask: one at least
 * @param leftS seconds that the `ask` may still run
 */
export const delegateTool = (
  order: AskOrder,
  types: readonly TaskType[],
  context: Pick<TaskContext, 'child' | 'waitFor'>,
  leftS: () => number,
): DelegateTool => {
  const parameters = z.toJSONSchema(Delegation.extend({ task_type: z.enum(types) }), { io: 'input' });
  const description = 'Asks the agent of another task type, which has tools of its own, and gives its answer';
  return {
    kind: 'delegate',
    described: { name: delegateName, description, parameters },
    begin: async (key, given) => context.child(key, orderOf(order, types, given)),
    end: async (key, taskId) => {
      const ended = await context.waitFor(key, { child: taskId, timeLimitS: Math.max(1, leftS()) });
      // Without `onTimeLimit` the task fails at the limit, and no run of it gets here.
      if (ended.timedOut === true) throw new TaskError('wait_limit_exceeded', 'The task that was asked took too long');
      return answerOf(ended.child);
    },
  };
};
