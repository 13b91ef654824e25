// The OpenAPI document: the routes of the modules, with one schema for each operation that agents have registered.
import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, type SwaggerDocumentOptions, SwaggerModule } from '@nestjs/swagger';
import { TaskTypes, type TaskTypeTable } from '@pulser/context-bus';
import { type OperationDescription, Problem, TaskEventView } from '@pulser/contracts';
import { pulserVersion } from '@pulser/service-kit';
import { z } from 'zod';

import { jsonSchema } from './json-schema.js';

type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

/** Its place under `components.schemas`. */
const nameOf = ({ task_type, operation }: OperationDescription): string =>
  `Payload_${task_type}_${operation.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}`;

// References inside a schema are relative to its own root, which is now a part of the document.
const relocated = (schema: Readonly<Record<string, unknown>>, name: string): Schema => {
  const own = JSON.stringify({ ...schema, $schema: undefined })
    .replaceAll('"$ref":"#/', `"$ref":"#/components/schemas/${name}/`)
    .replaceAll('"$ref":"#"', `"$ref":"#/components/schemas/${name}"`);
  return JSON.parse(own) as Schema;
};

/** The payload of a submission: that of one of the operations, named by its member `operation`. */
const payloadOf = (names: readonly string[]): Schema => ({
  type: 'object',
  description: 'Input of the agent: an `operation` and its arguments',
  anyOf: names.map((name) => ({ $ref: `#/components/schemas/${name}` })),
});

const withPayload = (submission: Schema | undefined, payload: Schema): Schema => ({
  ...submission,
  properties: { ...(submission as { properties?: Record<string, Schema> } | undefined)?.properties, payload },
});

/** The document with one schema for each operation that agents have registered, as the payload of a submission. */
export const withOperations = (document: OpenAPIObject, types: TaskTypeTable): OpenAPIObject => {
  const operations = [...types.values()].flatMap((type) =>
    [...type.operations.values()].flatMap(([newest]) => newest ?? []),
  );
  if (operations.length === 0) return document;
  const payloads = operations.map((operation) => {
    const name = nameOf(operation);
    const { summary, example } = operation;
    return [name, { title: name, description: summary, example, ...relocated(operation.input_schema, name) }] as const;
  });
  const schemas = { ...document.components?.schemas, ...Object.fromEntries(payloads) };
  const submission = withPayload(schemas['SubmitTask'], payloadOf(payloads.map(([name]) => name)));
  return { ...document, components: { ...document.components, schemas: { ...schemas, SubmitTask: submission } } };
};

const description = `Submit tasks, follow them, fetch what they made.

Every error is a problem document (RFC 9457) with a stable \`code\`: see [/docs/problems](/docs/problems).
Tasks can also be sent over AMQP: see [/docs/asyncapi.json](/docs/asyncapi.json).`;

// Nest's own conversion goes to OpenAPI 3.0, which knows less of JSON Schema.
const standardSchemaConverter: SwaggerDocumentOptions['standardSchemaConverter'] = (schema) =>
  schema instanceof z.ZodType ? { ...jsonSchema(schema) } : undefined;

const settings = (): Omit<OpenAPIObject, 'paths'> =>
  new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Pulser')
    .setDescription(description)
    .setVersion(pulserVersion)
    .setLicense('AGPL-3.0-only', 'https://www.gnu.org/licenses/agpl-3.0.html')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'An API key, or a token of the identity provider' },
      'api_key',
    )
    .addSecurityRequirements('api_key')
    .build();

/** Schemas that no single route names: those of every problem, and of the data in event streams. */
const { components: shared } = jsonSchema(z.tuple([Problem, TaskEventView]));

const fileTypes = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

/** The values of the parameter `format` of an operation. */
const formatsOf = (parameters: readonly object[] = []): readonly unknown[] => {
  const format = parameters.find((parameter) => 'name' in parameter && parameter.name === 'format');
  return (format as { readonly schema?: { readonly enum?: readonly unknown[] } } | undefined)?.schema?.enum ?? [];
};

/** Lists and figures are files too, where their query has a `format` for them. */
const withFiles = ({ paths, ...document }: OpenAPIObject): OpenAPIObject => {
  for (const { get } of Object.values(paths)) {
    const content = (get?.responses['200'] as { content?: Record<string, object> } | undefined)?.content;
    if (content?.['application/json'] === undefined) continue;
    const formats = formatsOf(get?.parameters);
    for (const [format, type] of Object.entries(fileTypes))
      if (formats.includes(format)) content[type] = { schema: { type: 'string' } };
  }
  return { ...document, paths };
};

type Modules = readonly (new () => object)[];

const openApi = (app: INestApplication, modules: Modules): OpenAPIObject => {
  const document = SwaggerModule.createDocument(app, settings(), { include: [...modules], standardSchemaConverter });
  return {
    ...withFiles(document),
    components: { ...document.components, schemas: { ...shared, ...document.components?.schemas } },
  };
};

/**
 * Serves the page at `/docs` and the document of all routes of the modules at `/docs-json`, which is made for its first
 * reader.
 */
export const serveOpenApi = (app: NestFastifyApplication, modules: Modules): void => {
  const types = app.get(TaskTypes, { strict: false });
  // Set on these routes only. What agents have registered changes while the gateway runs.
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (!route.url.startsWith('/docs')) return;
      route.preHandler = async () => {
        await types.current().catch(() => undefined);
      };
    });
  SwaggerModule.setup('docs', app, () => openApi(app, modules), {
    customSiteTitle: 'Pulser API',
    raw: ['json'],
    patchDocumentOnRequest: (_request, _reply, document) => withOperations(document, types.latest),
    // The badge would ask a server on the internet.
    swaggerOptions: { validatorUrl: null, tryItOutEnabled: true },
  });
};
