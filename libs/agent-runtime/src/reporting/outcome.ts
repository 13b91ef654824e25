/** How an attempt ended. `lost`: the lease was taken away; `released`: given back at a shutdown. */
export const outcomes = ['completed', 'failed', 'retried', 'lost', 'released'] as const;
export type Outcome = (typeof outcomes)[number];
