// The dialect JSON-2, from Odoo 19 on: https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
import { askJson } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import type { Account, OdooCall } from './odoo.js';

const Problem = z.object({ name: z.string(), message: z.string() });

/** `odoo.exceptions.AccessError: You are not allowed ...`; never its `debug`, a stack with values. */
export const odooDetail = (body: unknown): string | undefined => {
  const { data } = Problem.safeParse(body);
  return data && `${data.name}: ${data.message}`;
};

/** @throws ToolError */
export const json2 = async (
  fetch: typeof globalThis.fetch,
  { url, database, key }: Account,
  { model, method, ids, args }: OdooCall,
): Promise<unknown> => {
  const { body } = await askJson(fetch, `${url}/json/2/${encodeURIComponent(model)}/${encodeURIComponent(method)}`, {
    method: 'POST',
    backend: 'Odoo',
    detail: odooDetail,
    headers: { authorization: `bearer ${key}`, 'x-odoo-database': database },
    body: { ...(ids && { ids }), ...args },
  });
  return body;
};
