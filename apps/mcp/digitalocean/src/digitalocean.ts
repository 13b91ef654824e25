// The way to DigitalOcean's API: one request over the guarded fetch of a call, its answer checked at once.
import { askJson, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import { z } from 'zod';

const publicApi = 'https://api.digitalocean.com';

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
}

const addressOf = (call: ToolCallContext, path: string, query: Request['query'] = {}): string => {
  const base = (call.optional('DIGITALOCEAN_API_URL') ?? publicApi).replace(/\/+$/, '');
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return `${base}${path}${search.size > 0 ? `?${search.toString()}` : ''}`;
};

const detailOf = (body: unknown): string | undefined => {
  const parsed = z.object({ id: z.string(), message: z.string(), request_id: z.string().optional() }).safeParse(body);
  if (!parsed.success) return undefined;
  const { id, message, request_id } = parsed.data;
  return `${message} (${id}${request_id === undefined ? '' : `, request ${request_id}`})`;
};

/**
 * What DigitalOcean answers, of which the schema names what is used.
 * @param path from /v2 on; what stands for a parameter in it is encoded by the caller
 * @throws ToolError
 */
export const askDigitalOcean = async <T>(
  call: ToolCallContext,
  path: string,
  schema: z.ZodType<T>,
  { method = 'GET', query, body }: Request = {},
): Promise<T> => {
  const token = call.required('DIGITALOCEAN_TOKEN');
  const answer = await askJson(call.fetch, addressOf(call, path, query), {
    ...{ method, body, backend: 'DigitalOcean', detail: detailOf },
    headers: { authorization: `Bearer ${token}`, 'user-agent': 'pulser-mcp-digitalocean' },
  });
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : `: ${issue.path.join('.')} ${issue.message}`;
  throw new ToolError('upstream_error', `DigitalOcean's answer has another shape than documented${where}`);
};
