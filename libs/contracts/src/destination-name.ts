import { z } from 'zod';

const nameText = 'A small letter, then small letters, digits and hyphens, 63 at most';

export const DestinationName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, nameText)
  .meta({ description: nameText, examples: ['on-call'] });
export type DestinationName = z.infer<typeof DestinationName>;

/** Which destinations are told of the end of a task. */
export const Notify = z
  .array(DestinationName)
  .min(1)
  .max(5)
  .refine((names) => new Set(names).size === names.length, 'A destination is named twice')
  .meta({
    description:
      'Destinations that its end is sent to, with its files: an e-mail has PDFs as attachments. They are confirmed ones of the tenant',
    examples: [['on-call']],
  });
export type Notify = z.infer<typeof Notify>;
