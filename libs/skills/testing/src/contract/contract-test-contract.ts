// What the operation `contract_test` takes and gives.
import { z } from 'zod';

import { Headers } from '../targets/header-values.js';
import { BaseUrl } from '../targets/base-url.js';
import { findingKinds } from './answer-check.js';
import { testedMethods } from './api-operation.js';

/** Characters of a document in the payload itself. */
export const maxInlineDocument = 900_000;

export const DocumentSource = z.union([
  z.strictObject({ text: z.string().min(1).max(maxInlineDocument).meta({ description: 'JSON or YAML' }) }),
  z.strictObject({ url: BaseUrl.meta({ description: 'Of an allowed host' }) }),
  z.strictObject({
    reference: z
      .string()
      .regex(/^(?:artifact|upload):/)
      .max(500)
      .meta({ description: '`artifact:<task id>/<name>` or `upload:<sha256>`' }),
  }),
]);
export type DocumentSource = z.output<typeof DocumentSource>;

const destructive = 'POST, PUT, PATCH and DELETE are sent only when they are named here';

export const ContractTestInput = z.strictObject({
  operation: z.literal('contract_test'),
  document: DocumentSource.meta({ description: 'OpenAPI 3.0 to 3.2' }),
  base_url: BaseUrl.meta({ description: 'What stands before the paths of the document, its server is not asked' }),
  headers: Headers.default({}).meta({ description: 'Of every request. No result shows their values' }),
  methods: z
    .array(z.enum(testedMethods))
    .min(1)
    .max(testedMethods.length)
    .default(['GET'])
    .meta({ description: destructive }),
  operations: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Only these, by operationId. Lists that give them ids are asked once, too' }),
  seed: z
    .int()
    .min(0)
    .max(2_147_483_647)
    .optional()
    .meta({ description: 'Without, one is drawn; the result shows it' }),
  max_requests: z.int().min(1).max(5_000).default(500),
  rate_per_s: z
    .number()
    .min(0.1)
    .max(200)
    .default(50)
    .meta({ description: 'One request after the other, at most so many a second' }),
});
export type ContractTestInput = z.output<typeof ContractTestInput>;

export const Finding = z.object({
  id: z.string(),
  kind: z.enum(findingKinds),
  operation: z.string().meta({ description: 'operationId, or method and path' }),
  message: z.string(),
  tried: z.string().meta({ description: 'What was tried with the request' }),
  status: z.int(),
  times: z.int().meta({ description: 'Requests that showed it' }),
  curl: z.string().meta({ description: 'The first of them; headers of the task stand there as variables' }),
  reproduce: z.object({ seed: z.int(), operations: z.array(z.string()) }),
});
export type Finding = z.infer<typeof Finding>;

export const TestedOperation = z.object({
  operation: z.string(),
  requests: z.int(),
  planned: z.int(),
  /** Answers by status. */
  statuses: z.record(z.string(), z.int()),
  findings: z.int(),
  succeeded: z
    .boolean()
    .meta({ description: 'Whether any request was answered with 2xx: without, little is known of it' }),
  left_out: z.array(z.string()),
});
export type TestedOperation = z.infer<typeof TestedOperation>;

export const ContractTestResult = z.object({
  passed: z.boolean(),
  complete: z.boolean(),
  summary: z.string(),
  seed: z.int(),
  findings: z.array(Finding),
  findings_left_out: z.int(),
  operations: z.array(TestedOperation),
  not_tested: z.array(z.object({ operation: z.string(), why: z.string() })),
  counts: z.object({
    operations: z.int(),
    requests: z.int(),
    legal: z.int(),
    illegal: z.int(),
    planned: z.int(),
    no_answer: z.int(),
  }),
  document: z.object({
    version: z.string(),
    problems: z.array(z.string()).meta({ description: 'What the document itself has wrong' }),
    external_references: z.array(z.string()).meta({ description: 'Not read: what they describe was not checked' }),
    not_checked: z.array(z.string()),
  }),
  notes: z.array(z.string()),
  artifact: z.string(),
});
export type ContractTestResult = z.infer<typeof ContractTestResult>;

export const contractTestExample: z.input<typeof ContractTestInput> = {
  operation: 'contract_test',
  document: { url: 'http://127.0.0.1:8000/docs-json' },
  base_url: 'http://127.0.0.1:8000',
  headers: { authorization: 'Bearer <key>' },
  seed: 1,
  max_requests: 200,
};
