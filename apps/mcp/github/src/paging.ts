// Pages of lists: a cursor is the number of the page that comes next.
import { z } from 'zod';

export const Cursor = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, 'is no cursor of an earlier answer')
  .optional()
  .describe('next_cursor of the answer before; none for the first page');

export const NextCursor = z.string().nullable().describe('For the page that follows; null at the end');

/** Items in a page. */
export const limitOf = (usual: number): z.ZodDefault<z.ZodNumber> => z.number().int().min(1).max(100).default(usual);

export interface Page {
  readonly page: number;
  readonly per_page: number;
}

export const pageOf = ({ cursor, limit }: { cursor?: string | undefined; limit: number }): Page => ({
  page: Number(cursor ?? 1),
  per_page: limit,
});

/** By the Link header, which GitHub sends as long as there is more. */
export const nextCursor = ({ link }: { link?: string | undefined }, { page }: Page): string | null =>
  link?.includes('rel="next"') ? String(page + 1) : null;
