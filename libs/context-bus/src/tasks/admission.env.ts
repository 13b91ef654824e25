import { z } from 'zod';

const quota = (usual: number, text: string) =>
  z.coerce.number().int().min(1).max(2_000_000_000).default(usual).describe(text);

/** Settings of whoever accepts tasks. */
export const admissionEnv = {
  QUEUE_QUOTA: quota(100_000, 'Most tasks of a tenant that may wait, unless the tenant has a quota of its own'),
  DAILY_QUOTA: quota(
    10_000_000,
    'Most tasks that a tenant may submit a day (UTC), unless the tenant has a quota of its own',
  ),
};

export type AdmissionSettings = { [K in keyof typeof admissionEnv]: z.output<(typeof admissionEnv)[K]> };
