import { z } from 'zod';

/** What `mine` takes. */
export const MineInput = z.strictObject({
  operation: z.literal('mine'),
  since_days: z.number().min(0.01).max(3_650).default(30).describe('Only tasks submitted within so many days'),
  task_type: z.string().min(1).max(64).optional().describe('Only tasks of this type'),
  max_tasks: z.int().min(10).max(5_000).default(2_000).describe('The newest so many'),
  min_evidence: z
    .int()
    .min(3)
    .max(1_000)
    .default(10)
    .describe('Sessions, tasks or second tries from which on something counts as found'),
  pause_minutes: z
    .number()
    .min(0.1)
    .max(1_440)
    .default(30)
    .describe('A longer pause between two submissions of one submitter ends a session'),
  cluster_sample: z.int().min(0).max(500).default(200).describe('Tasks whose texts are compared; 0: none are'),
  keep: z.boolean().default(true).describe('Whether what is found is kept in memory'),
  keep_days: z.number().min(1).max(3_650).default(90).describe('When it is forgotten, unless it is mined again'),
});

export type MineInput = z.output<typeof MineInput>;
