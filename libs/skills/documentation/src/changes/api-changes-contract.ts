// Input, example and result of the operation `api_changes`.
import { z } from 'zod';

import { DocumentInput } from '../documents/document-input.js';
import { levels } from './change-rules.js';

export const ApiChangesInput = z.strictObject({
  operation: z.literal('api_changes'),
  before: DocumentInput.meta({ description: 'The earlier description, in OpenAPI 3.0, 3.1 or 3.2' }),
  after: DocumentInput.meta({ description: 'The later one; its version of OpenAPI may be another' }),
});
export type ApiChangesInput = z.infer<typeof ApiChangesInput>;

const described = (parameters: string, version: string): string =>
  [
    'openapi: 3.1.0',
    `info: { title: Greetings, version: ${version} }`,
    'paths:',
    '  /greetings:',
    '    get:',
    `      parameters: [${parameters}]`,
    "      responses: { '200': { description: The greeting } }",
  ].join('\n');

export const apiChangesExample: z.input<typeof ApiChangesInput> = {
  operation: 'api_changes',
  before: { name: 'deployed', content: described('{ name: name, in: query, schema: { type: string } }', '1.0.0') },
  after: {
    name: 'wanted',
    content: described('{ name: name, in: query, required: true, schema: { type: string, maxLength: 50 } }', '1.1.0'),
  },
};

export const ChangeView = z.strictObject({
  rule: z.string(),
  level: z.enum(levels),
  operation: z.string().nullable().meta({ description: 'The first in which it was met; null: the whole description' }),
  what: z.string(),
  why: z.string(),
  before: z.string().meta({ description: 'JSON Pointer in the earlier description, or where it would stand there' }),
  after: z.string().meta({ description: 'The same in the later one' }),
});
export type ChangeView = z.infer<typeof ChangeView>;

export const ApiChangesResult = z.strictObject({
  summary: z.string(),
  breaking: z.number().int(),
  minor: z.number().int(),
  by_rule: z.record(z.string(), z.number().int()),
  changes: z
    .array(ChangeView)
    .meta({ description: 'What breaks first; at most 1,000, all of them are in changes.json' }),
  changes_left_out: z.number().int(),
  not_judged: z
    .array(z.strictObject({ before: z.string(), after: z.string(), reason: z.string() }))
    .meta({ description: 'Differences for which there is no rule: they may break, too. At most 200' }),
  not_judged_count: z.number().int(),
  release: z.enum(['major', 'minor', 'patch', 'none']),
  version: z.strictObject({
    before: z.string().nullable(),
    after: z.string().nullable(),
    next: z.string().nullable().meta({ description: 'By Semantic Versioning; null: the earlier version is none' }),
    enough: z
      .boolean()
      .nullable()
      .meta({ description: 'Whether the version of the later description is at least that; null: cannot be said' }),
  }),
});
export type ApiChangesResult = z.infer<typeof ApiChangesResult>;
