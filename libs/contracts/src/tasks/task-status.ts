import { z } from 'zod';

export const openStatuses = ['scheduled', 'queued', 'running', 'retrying', 'waiting'] as const;
export const endStatuses = ['completed', 'failed', 'cancelled'] as const;

export const TaskStatus = z.enum([...openStatuses, ...endStatuses]);
export type TaskStatus = z.infer<typeof TaskStatus>;

export const EndStatus = z.enum(endStatuses);
export type EndStatus = z.infer<typeof EndStatus>;

export const hasEnded = (status: TaskStatus): status is EndStatus => EndStatus.safeParse(status).success;
