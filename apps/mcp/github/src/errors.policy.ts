// What an answer of GitHub's that is no success means to the caller.
import { errorOfStatus, retryAfterOf, ToolError } from '@pulser/mcp-server-kit';

export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

// `head: missing_field`, or the problem's own words.
const problemOf = (problem: unknown): string | undefined => {
  if (typeof problem === 'string') return problem;
  const { resource, field, code, message } = fields(problem);
  const what = textOf(message) ?? textOf(code);
  const where = textOf(field) ?? textOf(resource);
  return what === undefined || where === undefined ? what : `${where}: ${what}`;
};

const problemsOf = (data: unknown): readonly unknown[] => {
  const { errors } = fields(data);
  return Array.isArray(errors) ? errors : [];
};

const detailOf = (data: unknown): string => {
  const problems = problemsOf(data).map(problemOf);
  return [textOf(fields(data)['message']), ...problems].filter((text) => text !== undefined).join('; ');
};

const limited = (detail: string, headers: RefusedAnswer['headers']): boolean =>
  headers['retry-after'] !== undefined ||
  String(headers['x-ratelimit-remaining']) === '0' ||
  /rate limit|abuse detection/i.test(detail);

const secondsToReset = (headers: RefusedAnswer['headers'], now: number): number | undefined => {
  const reset = Number(headers['x-ratelimit-reset']);
  return Number.isFinite(reset) && reset > 0 ? Math.max(1, Math.ceil(reset - now / 1000)) : undefined;
};

const rateLimited = (detail: string, headers: RefusedAnswer['headers'], now: number): ToolError => {
  const retryAfterS = retryAfterOf(textOf(String(headers['retry-after'] ?? '')), now) ?? secondsToReset(headers, now);
  return new ToolError('rate_limited', `GitHub's rate limit is used up: ${detail}`, { retryAfterS });
};

const forbidden = (detail: string, headers: RefusedAnswer['headers']): ToolError => {
  const needed = textOf(headers['x-accepted-github-permissions']);
  const sso =
    headers['x-github-sso'] === undefined
      ? ''
      : '; the token has to be authorized for the single sign-on of the organization';
  return new ToolError('refused', `GitHub answered 403: ${detail}${needed ? `; it needs ${needed}` : ''}${sso}`);
};

const alreadyThere = (data: unknown): boolean =>
  problemsOf(data).some((problem) => fields(problem)['code'] === 'already_exists') ||
  /already exists|is not a fast forward/i.test(detailOf(data));

/** @param now milliseconds */
export const errorOfAnswer = ({ status, headers, data }: RefusedAnswer, now = Date.now()): ToolError => {
  const detail = detailOf(data);
  if ((status === 403 || status === 429) && limited(detail, headers)) return rateLimited(detail, headers, now);
  if (status === 403) return forbidden(detail, headers);
  if (status === 401) return new ToolError('refused', `GitHub does not accept GITHUB_TOKEN (401): ${detail}`);
  if (status === 404)
    return new ToolError('not_found', 'GitHub answered 404: there is no such thing, or GITHUB_TOKEN may not see it');
  if (status === 405 || status === 451) return new ToolError('refused', `GitHub answered ${status}: ${detail}`);
  if (status === 422 && alreadyThere(data)) return new ToolError('conflict', `GitHub answered 422: ${detail}`);
  return errorOfStatus({ backend: 'GitHub', status, retryAfter: textOf(headers['retry-after']), detail });
};
