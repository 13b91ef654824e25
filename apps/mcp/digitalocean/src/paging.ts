// Pages of lists: a cursor is the number of the page that comes next.
import { z } from 'zod';

export const Cursor = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, 'is no cursor of an earlier answer')
  .optional()
  .describe('next_cursor of the answer before; none for the first page');

export const NextCursor = z.string().nullable().describe('For the page that follows; null at the end');

/** Part of every list: where it goes on. */
export const Links = { links: z.object({ pages: z.object({ next: z.string().nullish() }).nullish() }).nullish() };

type Linked = z.output<z.ZodObject<typeof Links>>;

export const hasMore = ({ links }: Linked): boolean => Boolean(links?.pages?.next);
