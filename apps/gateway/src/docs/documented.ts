// How the routes of the API are documented.
import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { httpErrors, type HttpErrorCode, type SubmitTask } from '@pulser/contracts';
import type { z } from 'zod';

type Headers = Readonly<Record<string, string>>;

/** One of a route's answers that are no problems. */
interface Answer {
  readonly status: number;
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly headers?: Headers;
  /** Instead of `schema` for answers that are not JSON: example by media type. */
  readonly content?: Readonly<Record<string, object>>;
}

interface Documentation {
  /** Unique among all operations: client generators name methods after it. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly answers: readonly Answer[];
  readonly problems?: readonly HttpErrorCode[];
}

/** Every route may answer with these. */
const always: readonly HttpErrorCode[] = [
  'unauthenticated',
  'forbidden',
  'cross_site_request',
  'tenant_required',
  'installation_key_required',
  'too_many_requests',
  'internal',
  'database_unavailable',
  'identity_provider_unavailable',
];

const headersOf = (headers: Headers): Record<string, object> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

const answer = ({ status, description, schema, headers, content }: Answer): MethodDecorator =>
  ApiResponse({
    status,
    description,
    ...(headers !== undefined && { headers: headersOf(headers) }),
    ...(schema !== undefined && { standardSchema: schema }),
    ...(content !== undefined && { content }),
  });

const problems = (codes: readonly HttpErrorCode[]): MethodDecorator[] =>
  [...Map.groupBy(codes, (code) => httpErrors[code].status)].map(([status, same]) =>
    ApiResponse({
      status,
      description: same.map((code) => `\`${code}\`: ${httpErrors[code].title}`).join('; '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }),
  );

/** Problems of every route that takes a JSON body. */
export const bodyProblems = [
  'invalid_request',
  'invalid_json',
  'forbidden_key',
  'payload_too_large',
  'unsupported_media_type',
] as const satisfies readonly HttpErrorCode[];

/** Documents a route of the API. */
export const Documented = ({
  id,
  summary,
  description,
  answers,
  problems: codes = [],
}: Documentation): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: id, summary, ...(description !== undefined && { description }) }),
    ...answers.map(answer),
    ...problems([...codes, ...always]),
  );

/** A submission that runs as it is: sales by region, with a chart. */
export const submissionExample: z.input<typeof SubmitTask> = {
  task_type: 'analytics',
  priority: 'high',
  payload: {
    operation: 'query',
    sources: [
      {
        name: 'sales',
        format: 'csv',
        content: 'region,amount\nnorth,120\nsouth,80\nnorth,40\nwest,95\n',
      },
    ],
    sql: 'select region, sum(amount) as total from sales group by region order by total desc',
    chart: { kind: 'bar', x: 'region', y: 'total', title: 'Sales by region' },
  },
};

/** Documents that a body may be left out: its schema must take nothing, because no member of it is required. */
export const OptionalBody = (): MethodDecorator =>
  // Its schema comes from the handler's parameter.
  ApiBody({ schema: {}, required: false });

/** Documents a body by example. */
export const BodyExample = (value: object): MethodDecorator =>
  // Its schema comes from the handler's parameter.
  ApiBody({ schema: {}, examples: { analytics: { summary: 'Sales by region, with a chart', value } } });
