// Input, example and result of the operation `api_reference`.
import { z } from 'zod';

import { DocumentInput } from '../documents/document-input.js';

export const ApiReferenceInput = z.strictObject({
  operation: z.literal('api_reference'),
  document: DocumentInput.meta({ description: 'A description of an API in OpenAPI 3.0, 3.1 or 3.2' }),
});
export type ApiReferenceInput = z.infer<typeof ApiReferenceInput>;

export const apiReferenceExample: z.input<typeof ApiReferenceInput> = {
  operation: 'api_reference',
  document: {
    name: 'greetings.yaml',
    content: [
      'openapi: 3.1.0',
      'info: { title: Greetings, version: 1.0.0 }',
      'paths:',
      '  /greetings/{name}:',
      '    get:',
      '      operationId: greet',
      '      summary: Greets a person',
      '      parameters: [{ name: name, in: path, required: true, schema: { type: string } }]',
      '      responses:',
      "        '200':",
      '          description: The greeting',
      '          content: { application/json: { schema: { type: object, properties: { greeting: { type: string } } } } }',
    ].join('\n'),
  },
};

const Place = z.strictObject({ reference: z.string(), at: z.string().meta({ description: 'JSON Pointer' }) });

export const ApiReferenceResult = z.strictObject({
  title: z.string(),
  version: z.string().nullable().meta({ description: 'Of the API; null: not given' }),
  openapi: z.string(),
  operations: z.number().int().meta({ description: 'Methods of all paths and webhooks' }),
  operations_by_tag: z.record(z.string(), z.number().int()),
  deprecated: z.number().int(),
  schemas: z.number().int().meta({ description: 'Under components/schemas' }),
  artifacts: z.array(z.strictObject({ name: z.string(), bytes: z.number().int() })),
  not_followed: z.strictObject({
    count: z.number().int(),
    references: z
      .array(Place)
      .meta({ description: 'References to other documents, which are never read; the first 100' }),
  }),
  missing: z.strictObject({
    count: z.number().int(),
    references: z
      .array(Place)
      .meta({ description: 'References to places that the document does not have; the first 100' }),
  }),
  problems: z
    .array(z.strictObject({ at: z.string(), message: z.string() }))
    .meta({ description: 'What does not follow the schema of its version of OpenAPI, at most 20' }),
  shortened: z
    .strictObject({ example_characters: z.number().int(), examples: z.number().int(), rows: z.number().int() })
    .nullable()
    .meta({
      description: 'What was shown at most of each part, when the page would have been too large; null: all as usual',
    }),
});
export type ApiReferenceResult = z.infer<typeof ApiReferenceResult>;
