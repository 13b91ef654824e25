// The objects of a manifest, read as kubectl reads them.
import { ToolError } from '@pulser/mcp-server-kit';
import { parseAllDocuments, type Tags } from 'yaml';
import { z } from 'zod';

/** An object of a manifest, with all its fields. */
export const Manifest = z.looseObject({
  apiVersion: z.string().regex(/^([a-z0-9.-]+\/)?v[a-z0-9]+$/, 'no version of an API'),
  kind: z.string().regex(/^[A-Za-z0-9]+$/, 'no kind'),
  metadata: z.looseObject({ name: z.string().min(1).max(253), namespace: z.string().optional() }),
});
export type Manifest = z.infer<typeof Manifest>;

const maxObjects = 50;
// A few names for repeated parts are usual; thousands would blow a small text up.
const maxAliasCount = 100;

const timestampTag = 'tag:yaml.org,2002:timestamp';
// kubectl reads YAML 1.1, where 0644 is octal and `on` is true, but neither times of day (22:22) nor time stamps.
const asKubectl = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || (tag.format !== 'TIME' && tag.tag !== timestampTag));

const valuesOf = (text: string): readonly unknown[] => {
  const documents = parseAllDocuments(text, { version: '1.1', customTags: asKubectl });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new ToolError('invalid_args', `The manifest is not YAML: ${error.message}`);
    return document.toJS({ maxAliasCount }) as unknown;
  });
};

const List = z.object({ kind: z.literal('List'), items: z.array(z.unknown()) });

const unpacked = (value: unknown): readonly unknown[] => {
  const { data } = List.safeParse(value);
  return data === undefined ? [value] : data.items;
};

const objectOf = (value: unknown, index: number): Manifest => {
  const { data, error } = Manifest.safeParse(value);
  if (data !== undefined) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'object'}: ${message}`);
  throw new ToolError('invalid_args', `Object ${index + 1} of the manifest: ${problems.join('; ')}`);
};

// A node of the document that is an alias of many nodes.
const parsed = (text: string): readonly unknown[] => {
  try {
    return valuesOf(text);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError('invalid_args', `The manifest cannot be read: ${(error as Error).message}`, { cause: error });
  }
};

/**
 * The objects of YAML with one or more documents, in their order; empty documents count for nothing.
 * @throws ToolError invalid_args
 */
export const objectsOf = (text: string): readonly Manifest[] => {
  const values = parsed(text).filter((value) => value !== null && value !== undefined);
  const objects = values.flatMap(unpacked).map(objectOf);
  if (objects.length === 0) throw new ToolError('invalid_args', 'The manifest has no objects');
  if (objects.length > maxObjects)
    throw new ToolError('invalid_args', `The manifest has ${objects.length} objects, over the limit of ${maxObjects}`);
  return objects;
};
