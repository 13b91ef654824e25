import { z } from 'zod';

/** JSON Schema (draft 2020-12), as OpenAPI 3.1 and AsyncAPI 3.0 take it. */
export interface ConvertedSchema {
  readonly schema: Readonly<Record<string, unknown>>;
  /** Schemas with an id, to be kept under `components.schemas`; references point there. */
  readonly components: Readonly<Record<string, object>>;
}

// Zod also writes the pattern behind a well-known format: some 300 characters that help no reader.
const wellKnown = new Set(['date-time', 'uuid']);

const tidy = (json: z.core.JSONSchema.BaseSchema): void => {
  if (wellKnown.has(json.format ?? '')) delete json.pattern;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
};

// Both documents keep shared schemas in the same place.
const relocated = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as T;

/** The schema as input: objects stay open for fields that a later version adds. */
export const jsonSchema = (schema: z.ZodType): ConvertedSchema => {
  const converted = z.toJSONSchema(schema, {
    io: 'input',
    override: (context) => {
      tidy(context.jsonSchema);
    },
  });
  const { $defs = {}, ...rest } = relocated({ ...converted, $schema: undefined });
  return { schema: rest, components: $defs };
};
