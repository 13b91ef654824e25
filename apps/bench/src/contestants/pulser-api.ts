import { z } from 'zod';

import type { BenchRequest } from './contestant.js';

const Accepted = z.object({ task_id: z.string() });
const Task = z.object({ status: z.string() });

/** The request that reads a task. @param submit what it was submitted with @param answer to that */
export const taskRequest = (submit: BenchRequest, answer: string, query = ''): BenchRequest => ({
  url: new URL(`/api/v1/tasks/${Accepted.parse(JSON.parse(answer)).task_id}${query}`, submit.url).href,
  method: 'GET',
  headers: { authorization: submit.headers['authorization'] ?? '' },
});

export const isCompleted = (answer: string): boolean => Task.parse(JSON.parse(answer)).status === 'completed';
