// What the operation `http_checks` takes and gives.
import { z } from 'zod';

import { jsonPathFault } from '../schemas/json-path.js';
import { BaseUrl } from '../targets/base-url.js';
import { Headers } from '../targets/header-values.js';

export const maxSteps = 100;
const maxText = 10_000;

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'The name of a header');

export const valueName = /^[a-z][a-z0-9_]{0,39}$/i;
const ValueName = z.string().regex(valueName, 'A letter, then letters, digits and underscores');

export const JsonPath = z
  .string()
  .min(1)
  .superRefine((query, context) => {
    const fault = jsonPathFault(query);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `No JSON path (RFC 9535): ${fault}` });
  })
  .meta({ description: 'JSON path (RFC 9535) without `match` and `search`', examples: ['$.items[0].id'] });

const JsonType = z.enum(['object', 'array', 'string', 'number', 'boolean', 'null']);

/** What must be at a JSON path. Each member is a check of its own. */
export const JsonExpectation = z
  .strictObject({
    path: JsonPath,
    equals: z.unknown().optional().meta({ description: 'The path finds one value, and this' }),
    exists: z.boolean().optional(),
    count: z.int().min(0).max(10_000).optional().meta({ description: 'So many values are found' }),
    type: JsonType.optional().meta({ description: 'Of all that are found, and at least one is' }),
    contains: z.string().max(maxText).optional().meta({ description: 'All that are found are texts with this part' }),
    min: z.number().optional().meta({ description: 'All that are found are numbers, none less than this' }),
    max: z.number().optional(),
  })
  .refine((one) => Object.keys(one).length > 1, 'Nothing is expected there');
export type JsonExpectation = z.infer<typeof JsonExpectation>;

const HeaderExpectation = z.union([
  z.string().max(8_000).meta({ description: 'The very value' }),
  z.strictObject({ contains: z.string().min(1).max(8_000) }),
  z.strictObject({ exists: z.boolean() }),
]);
export type HeaderExpectation = z.infer<typeof HeaderExpectation>;

export const Expectations = z.strictObject({
  status: z
    .union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1).max(20)])
    .optional()
    .meta({ description: 'Without, any of 200 to 299' }),
  headers: z.record(headerName, HeaderExpectation).optional(),
  json: z.array(JsonExpectation).max(100).optional(),
  schema: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'JSON Schema (draft 2020-12) of the body; references inside of it only' }),
  body_contains: z.string().min(1).max(maxText).optional(),
  max_ms: z.number().positive().max(600_000).optional().meta({ description: 'With look-up, connection and TLS' }),
});
export type Expectations = z.infer<typeof Expectations>;

const Source = z.union([JsonPath, z.strictObject({ header: headerName })]);

export const Step = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
    path: z.string().max(2_000).regex(/^\//, 'Begins with a slash'),
    query: z.record(z.string().max(200), z.string().max(2_000)).optional(),
    headers: Headers.optional(),
    json: z.unknown().optional().meta({ description: 'The body, sent as JSON' }),
    text: z.string().max(100_000).optional().meta({ description: 'The body as text' }),
    redirects: z.enum(['follow', 'answer']).default('answer').meta({
      description: 'Whether a redirect is followed (to allowed hosts only) or is the answer itself',
    }),
    expect: Expectations.default({}),
    save: z
      .record(ValueName, Source)
      .optional()
      .meta({ description: 'Values of the answer for later steps, where `{{name}}` stands for them' }),
  })
  .refine(({ json, text }) => json === undefined || text === undefined, 'Either json or text');
export type Step = z.output<typeof Step>;

export const HttpChecksInput = z.strictObject({
  operation: z.literal('http_checks'),
  base_url: BaseUrl,
  headers: Headers.default({}).meta({ description: 'Of every step. No result shows them' }),
  values: z.record(ValueName, z.union([z.string().max(maxText), z.number(), z.boolean()])).default({}),
  steps: z.array(Step).min(1).max(maxSteps),
  stop_on_failure: z.boolean().default(false).meta({
    description: 'Leave out what comes after a failed step. Steps that need a value of it are left out anyway',
  }),
});
export type HttpChecksInput = z.output<typeof HttpChecksInput>;

/** One thing that was checked. */
export const Check = z.object({
  what: z.string(),
  passed: z.boolean(),
  /** Of a failed one: what was there. */
  found: z.string().optional(),
});
export type Check = z.infer<typeof Check>;

export const StepResult = z.object({
  name: z.string(),
  request: z.string().meta({ description: 'Method and path, with the values that were carried on' }),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  status: z.int().optional(),
  ms: z.number().optional(),
  checks: z.array(Check),
  saved: z.array(z.string()),
  why: z.string().optional().meta({ description: 'Of a skipped step' }),
});
export type StepResult = z.infer<typeof StepResult>;

export const HttpChecksResult = z.object({
  passed: z.boolean(),
  summary: z.string(),
  steps: z.array(StepResult),
  counts: z.object({
    steps: z.int(),
    passed: z.int(),
    failed: z.int(),
    skipped: z.int(),
    checks: z.int(),
    failed_checks: z.int(),
    requests: z.int(),
  }),
  /** Of the requests that were answered; null when none was. */
  latency_ms: z.object({ min: z.number(), median: z.number(), max: z.number() }).nullable(),
  artifact: z.string(),
});
export type HttpChecksResult = z.infer<typeof HttpChecksResult>;

export const httpChecksExample: z.input<typeof HttpChecksInput> = {
  operation: 'http_checks',
  base_url: 'http://127.0.0.1:8000',
  steps: [
    {
      name: 'It is healthy',
      path: '/health/live',
      expect: { status: 200, headers: { 'content-type': { contains: 'json' } }, max_ms: 2_000 },
    },
    {
      name: 'It says where its document is',
      path: '/',
      expect: { json: [{ path: '$.links.openapi', equals: '/docs-json' }] },
      save: { document: '$.links.openapi' },
    },
    { name: 'The document is there', path: '/docs-json', expect: { json: [{ path: '$.openapi', contains: '3.' }] } },
  ],
};
