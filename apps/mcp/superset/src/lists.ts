// Pages of Superset's lists.
import { z } from 'zod';

import type { RisonValue } from './rison.policy.js';
import type { Superset } from './superset.js';

export const Page = {
  search: z.string().max(200).optional().describe('Part of the name'),
  limit: z.int().min(1).max(100).default(25),
  page: z.int().min(0).default(0),
};

export const pageOutput = {
  total: z.int().describe('How many there are in all'),
  next_page: z.int().nullable().describe('Null: this was the last one'),
  truncated: z.boolean().default(false),
};

export interface Filter {
  readonly col: string;
  readonly opr: string;
  readonly value: RisonValue;
}

interface Asked {
  readonly page: number;
  readonly limit: number;
  readonly filters: readonly (Filter | undefined)[];
  readonly order: string;
}

export interface Listed<Item> {
  readonly items: Item[];
  readonly total: number;
  readonly next_page: number | null;
}

/** @param kind like `dashboard` */
export const listOf = async <Shape extends z.ZodType>(
  superset: Superset,
  kind: string,
  shape: Shape,
  { page, limit, filters, order }: Asked,
): Promise<Listed<z.output<Shape>>> => {
  const wanted = filters.filter((filter) => filter !== undefined).map((filter) => ({ ...filter }));
  const q = { page, page_size: limit, order_column: order, order_direction: 'desc', filters: wanted };
  const { count, result } = await superset.ask(`${kind}/`, z.object({ count: z.int(), result: z.array(shape) }), { q });
  return { items: result, total: count, next_page: (page + 1) * limit < count ? page + 1 : null };
};

export const Owner = z.object({
  id: z.int().optional(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
});

export const nameOf = ({ first_name: first, last_name: last }: z.output<typeof Owner>): string =>
  [first, last].filter((name) => name !== null && name !== undefined && name !== '').join(' ');
