// Arguments and fields of answers that several tools have.
import { ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

/** A container by name or id; no part of another path can be written with it. */
export const ContainerName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, 'no name or id of a container');
export const containerField = { container: ContainerName.describe('name or id') };

export const pageFields = {
  limit: z.int().min(1).max(500).default(100).describe('items of a page'),
  continue: z.string().max(200).optional().describe('from the answer of the page before'),
};
export const pageAnswer = {
  truncated: z.boolean().describe('there are more: ask again with continue'),
  continue: z.string().optional(),
};

/**
 * A page of items that are in a fixed order; `continue` is the id of the last item of the page before. The engine has no pages.
 * @throws ToolError invalid_args when that item is gone
 */
export const pageOf = <Item extends { readonly id: string }>(
  items: readonly Item[],
  args: { readonly limit: number; readonly continue?: string | undefined },
): { readonly page: Item[]; readonly truncated: boolean; readonly continue?: string } => {
  const last = args.continue === undefined ? -1 : items.findIndex(({ id }) => id === args.continue);
  if (args.continue !== undefined && last === -1)
    throw new ToolError('invalid_args', 'The item of continue is gone: start again without it');
  const page = items.slice(last + 1, last + 1 + args.limit);
  const end = page.at(-1);
  const truncated = last + 1 + page.length < items.length;
  return { page, truncated, ...(truncated && end && { continue: end.id }) };
};

export const Time = z.string().describe('ISO 8601');

/** From seconds since 1970. */
export const timeOf = (seconds: number): string => new Date(seconds * 1_000).toISOString();

// What an engine writes for "never".
const noTime = '0001-01-01T00:00:00Z';
export const timeIn = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || text === noTime ? undefined : text;

/** An id as the engine's own client shows it. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

export const grace = {
  grace_s: z.int().min(0).max(300).default(10).describe('seconds from the signal to end until it is killed'),
};
/** Of calls that wait for a container to end. */
export const graceLimitMs = 330_000;
