import { z } from 'zod';

export const QuotaUse = z.object({ used: z.int(), quota: z.int() });

const RateUse = z.object({
  per_s: z.number().meta({ description: 'Requests a second, in the long run' }),
  burst: z.int().meta({ description: 'Requests at once, when there were none for a while' }),
  left: z.int().meta({
    description:
      'Requests that could be made at once now. Gateways take a tenth of a second in advance, which is not in it',
  }),
});

/** What a tenant has used of its limits. */
export const QuotasView = z
  .object({
    waiting: QuotaUse.meta({ description: 'Tasks that wait' }),
    today: QuotaUse.extend({ ends_at: z.iso.datetime().meta({ description: 'Then a new day begins (UTC)' }) }).meta({
      description: 'Tasks that were submitted today',
    }),
    requests: z.object({
      key: RateUse.meta({ description: 'Of the key, or person, that asks' }),
      tenant: RateUse.meta({ description: 'Of all keys of the tenant together' }),
    }),
  })
  .meta({ id: 'Quotas' });
export type QuotasView = z.infer<typeof QuotasView>;
