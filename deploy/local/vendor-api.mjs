// Cuts the operations that a server of a vendor's API uses out of the vendor's published OpenAPI document, as JSON schema
// for specs: `node deploy/local/vendor-api.mjs <extract.json> <openapi.json or .yaml>`. The extract names its operations
// and its source, so the same command brings it to a newer document.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { parse } from 'yaml';

const [extractFile, documentFile] = process.argv.slice(2);
if (documentFile === undefined) throw new Error('Usage: vendor-api.mjs <extract.json> <openapi.json or .yaml>');

const documents = new Map();
const documentAt = (file) => {
  if (!documents.has(file)) {
    const text = readFileSync(file, 'utf8');
    documents.set(file, extname(file) === '.json' ? JSON.parse(text) : parse(text));
  }
  return documents.get(file);
};

const tokens = (pointer) =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~'));

/** What a reference in a file names: the node, the file it stands in, and a key for it. */
const follow = (reference, from) => {
  const [path, pointer = ''] = reference.split('#');
  const file = path === '' ? from : resolve(dirname(from), path);
  const node = tokens(pointer).reduce((parent, token) => parent[token], documentAt(file));
  const last = tokens(pointer).at(-1);
  return { node, file, key: `${file}#${pointer}`, name: last ?? basename(file, extname(file)) };
};

const whole = (node, file) => {
  let found = { node, file };
  while (typeof found.node?.$ref === 'string') found = follow(found.node.$ref, found.file);
  return found;
};

// Prose, and what says nothing of the shape.
const dropped = new Set(
  'description title summary example examples deprecated externalDocs discriminator readOnly writeOnly default xml'.split(
    ' ',
  ),
);
const names = new Map();
const definitions = {};

const nameOf = ({ key, name }) => {
  const taken = (candidate) => Object.hasOwn(definitions, candidate);
  if (!names.has(key)) {
    let unique = name.replace(/[^\w.-]/g, '_');
    while (taken(unique)) unique += '_';
    definitions[unique] = {};
    names.set(key, unique);
  }
  return names.get(key);
};

// OpenAPI 3.0 says `nullable` where JSON schema has a type.
const orNull = (schema) => {
  const { nullable, ...rest } = schema;
  if (nullable !== true) return rest;
  if (typeof rest.type !== 'string') return { anyOf: [rest, { type: 'null' }] };
  return { ...rest, type: [rest.type, 'null'], ...(rest.enum && { enum: [...new Set([...rest.enum, null])] }) };
};

const schemas = (map, file) =>
  Object.fromEntries(Object.entries(map).map(([name, schema]) => [name, shape(schema, file)]));

const keyword = (name, value, file) => {
  if (name === 'properties' || name === 'patternProperties') return schemas(value, file);
  if (['allOf', 'anyOf', 'oneOf'].includes(name)) return value.map((part) => shape(part, file));
  return ['items', 'additionalProperties', 'not'].includes(name) && typeof value === 'object'
    ? shape(value, file)
    : value;
};

const shape = (schema, file) => {
  if (typeof schema.$ref === 'string') {
    const target = follow(schema.$ref, file);
    const known = names.has(target.key);
    const name = nameOf(target);
    if (!known) definitions[name] = shape(target.node, target.file);
    return { $ref: `#/$defs/${name}` };
  }
  const kept = Object.entries(schema).filter(([name]) => !dropped.has(name) && !name.startsWith('x-'));
  return orNull(Object.fromEntries(kept.map(([name, value]) => [name, keyword(name, value, file)])));
};

const ofContent = (holder) => {
  const { node, file } = holder;
  const found = Object.entries(node?.content ?? {}).find(([type]) => type.includes('json'));
  return found?.[1].schema && shape(found[1].schema, file);
};

const methods = ['get', 'put', 'post', 'patch', 'delete'];

function* operationsOf(root) {
  for (const [path, item] of Object.entries(documentAt(root).paths)) {
    const at = whole(item, root);
    for (const method of methods.filter((name) => at.node[name] !== undefined)) {
      const operation = whole(at.node[method], at.file);
      yield { path, method, ...operation, shared: (at.node.parameters ?? []).map((node) => whole(node, at.file)) };
    }
  }
}

const extracted = ({ path, method, node, file, shared }) => {
  const parameters = [...shared, ...(node.parameters ?? []).map((parameter) => whole(parameter, file))];
  const query = parameters.filter((parameter) => parameter.node.in === 'query');
  const body = node.requestBody && ofContent(whole(node.requestBody, file));
  const answers = Object.entries(node.responses).filter(([status]) => /^\d+$/.test(status));
  return {
    method: method.toUpperCase(),
    path,
    query: Object.fromEntries(query.map((each) => [each.node.name, shape(each.node.schema, each.file)])),
    ...(query.some((each) => each.node.required) && {
      required: query.filter((each) => each.node.required).map((each) => each.node.name),
    }),
    ...(body && { body }),
    answers: Object.fromEntries(answers.map(([status, answer]) => [status, ofContent(whole(answer, file)) ?? null])),
  };
};

const extract = JSON.parse(readFileSync(extractFile, 'utf8'));
const root = resolve(documentFile);
const found = new Map([...operationsOf(root)].map((operation) => [operation.node.operationId, operation]));
const operations = Object.fromEntries(
  Object.keys(extract.operations).map((id) => {
    const operation = found.get(id);
    if (operation === undefined) throw new Error(`The document has no operation ${id}.`);
    return [id, extracted(operation)];
  }),
);
const { version } = documentAt(root).info;
// One operation or definition in a line: a newer document shows as lines that changed.
const lines = (map) =>
  Object.entries(map)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join(',\n');
writeFileSync(
  extractFile,
  `{"source":${JSON.stringify({ ...extract.source, version })},\n"operations":{\n${lines(operations)}\n},\n"$defs":{\n${lines(definitions)}\n}}\n`,
);
