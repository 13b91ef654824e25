import { z } from 'zod';

/** What `recommend` takes. */
export const RecommendInput = z.strictObject({
  operation: z.literal('recommend'),
  text: z.string().trim().min(3).max(2_000).describe('What is to be done, in words'),
  task_type: z.string().min(1).max(64).optional().describe('Only earlier tasks of this type'),
  task_operation: z.string().min(1).max(100).optional().describe('Only earlier tasks of this operation'),
  since_days: z.number().min(0.01).max(3_650).default(90),
  max_tasks: z.int().min(10).max(500).default(200).describe('The newest so many are compared'),
  min_score: z.number().min(0).max(1).default(0.4).describe('Cosine from which on a task counts as similar'),
  min_evidence: z.int().min(3).max(1_000).default(5).describe('Similar tasks from which on something is said'),
});

export type RecommendInput = z.output<typeof RecommendInput>;
