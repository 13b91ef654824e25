import type { OpenAPIObject } from '@nestjs/swagger';
import type { TaskTypeTable } from '@pulser/context-bus';
import type { OperationDescription } from '@pulser/contracts';

type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

/** Its place under `components.schemas`. */
const nameOf = ({ task_type, operation }: OperationDescription): string =>
  `Payload_${task_type}_${operation.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}`;

// References inside a schema are relative to its own root, which is now a part of the document.
const relocated = (schema: Readonly<Record<string, unknown>>, name: string): Schema => {
  const { $schema: _dialect, ...rest } = schema;
  const own = JSON.stringify(rest)
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
