import { z } from 'zod';

export const taskTypes = [
  'analytics',
  'documentation',
  'testing',
  'data_pipeline',
  'infrastructure',
  'skills_mining',
  'orchestration',
] as const;

export const TaskType = z
  .enum(taskTypes)
  .meta({ description: 'What kind of work this is; decides which agent runs it' });
export type TaskType = z.infer<typeof TaskType>;
