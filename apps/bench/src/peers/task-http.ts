import { z } from 'zod';

import type { Running } from '../contestants/contestant.js';
import { taskBody } from '../load/task-body.policy.js';

const Accepted = z.object({ id: z.string() });
const Task = z.object({ status: z.string() });

/** How one talks with a peer: its front is ours, and the same for all of them. */
export const taskHttp = (port: number): Pick<Running, 'submit' | 'read' | 'isFinished'> => {
  const tasks = `http://127.0.0.1:${port}/tasks`;
  return {
    submit: { url: tasks, method: 'POST', headers: { 'content-type': 'application/json' }, body: taskBody },
    read: (answer) => ({ url: `${tasks}/${Accepted.parse(JSON.parse(answer)).id}`, method: 'GET', headers: {} }),
    isFinished: (answer) => Task.parse(JSON.parse(answer)).status === 'completed',
  };
};
