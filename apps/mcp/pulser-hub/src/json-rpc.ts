// The dialect JSON-RPC, before Odoo 19: https://www.odoo.com/documentation/18.0/developer/howtos/web_services.html
import { askJson, ToolError, type ToolErrorCode } from '@pulser/mcp-server-kit';
import { z } from 'zod';

const Answer = z.object({
  result: z.unknown().optional(),
  error: z
    .object({ message: z.string(), data: z.object({ name: z.string(), message: z.string() }).optional() })
    .optional(),
});

const codes: Readonly<Record<string, ToolErrorCode>> = {
  'odoo.exceptions.AccessDenied': 'refused',
  'odoo.exceptions.AccessError': 'refused',
  'odoo.exceptions.MissingError': 'not_found',
  'odoo.exceptions.UserError': 'invalid_args',
  'odoo.exceptions.ValidationError': 'invalid_args',
  'odoo.exceptions.RedirectWarning': 'invalid_args',
  'odoo.exceptions.LockError': 'conflict',
};

/** An error comes with the status 200. @throws ToolError */
export const jsonRpc = async (
  fetch: typeof globalThis.fetch,
  url: string,
  service: 'common' | 'object',
  method: string,
  args: readonly unknown[],
): Promise<unknown> => {
  const request = { jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } };
  const { body } = await askJson(fetch, `${url}/jsonrpc`, { method: 'POST', backend: 'Odoo', body: request });
  const parsed = Answer.safeParse(body);
  if (!parsed.success) throw new ToolError('upstream_error', 'Odoo answered in an unknown shape');
  const { result, error } = parsed.data;
  if (error === undefined) return result;
  const { name = '', message = error.message } = error.data ?? {};
  throw new ToolError(codes[name] ?? 'upstream_error', `Odoo: ${name === '' ? message : `${name}: ${message}`}`);
};
