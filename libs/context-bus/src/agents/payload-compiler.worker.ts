/**
 * Turns a JSON Schema into the sources of two functions, one that stops at the first fault and one that finds all, in a thread of its own: a schema with hundreds of properties takes
 * some hundred milliseconds. No imports of ours, so that Node runs it from source as it is.
 */
import { parentPort } from 'node:worker_threads';

import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';

const standaloneCode = standalone as unknown as (typeof standalone)['default'];

// A placeholder: the generated source refers to it by name, and the process that runs the source provides the real one.
// Ajv keeps one pattern for all whose texts are equal, so each needs its own.
const placeholder = (pattern: string, flags: string): { test: () => true; toString: () => string } => ({
  test: () => true,
  toString: () => `/${pattern}/${flags}`,
});
const linearRegExp = Object.assign(placeholder, { code: 'linearRegExp' });

const sourceOf = (schema: object, allErrors: boolean): string => {
  const ajv = new Ajv2020({
    strict: false,
    validateFormats: false,
    validateSchema: false,
    allErrors,
    discriminator: true,
    meta: false,
    // Else a field called `constructor` would be there in every payload.
    ownProperties: true,
    logger: false,
    code: { source: true, regExp: linearRegExp },
  });
  return standaloneCode(ajv, ajv.compile(schema));
};

parentPort?.on('message', ({ id, schema }: { id: number; schema: object }) => {
  try {
    parentPort?.postMessage({ id, sources: { validate: sourceOf(schema, false), explain: sourceOf(schema, true) } });
  } catch {
    parentPort?.postMessage({ id, sources: undefined });
  }
});
