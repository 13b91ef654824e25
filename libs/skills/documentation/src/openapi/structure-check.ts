// Whether a description follows the schema of its version of OpenAPI, as published by the OpenAPI Initiative.
import type { ValidateFunction } from 'ajv';

import type { OpenApiDocument } from './openapi-document.js';

export interface StructureProblem {
  /** JSON Pointer. */
  readonly at: string;
  readonly message: string;
}

/** How many are looked at: a wrong part of a document fails many alternatives of the schema. */
const maxProblems = 20;

// Says only that something below it was wrong.
const composed = new Set(['oneOf', 'anyOf', 'allOf', 'if', 'not', '$ref', 'unevaluatedProperties']);

const checks = new Map<string, ValidateFunction>();

// Only its compiled schema is asked for, by a method that its types leave out: `validate` copies the document, follows
// references, and takes a text for the path of a file.
const compiled = async (version: string): Promise<ValidateFunction> => {
  // Loaded by the first description: nothing else needs its modules.
  const { Validator } = await import('@seriousme/openapi-schema-validator');
  return (new Validator() as unknown as { getAjvValidator: (version: string) => ValidateFunction }).getAjvValidator(
    version,
  );
};

const checkOf = async (version: string): Promise<ValidateFunction> => {
  const short = version.slice(0, 3);
  const known = checks.get(short) ?? (await compiled(short));
  checks.set(short, known);
  return known;
};

/** What does not follow the schema; empty when all does. References are not looked at. */
export const structureProblems = async ({ version, root }: OpenApiDocument): Promise<StructureProblem[]> => {
  const check = await checkOf(version);
  try {
    if (check(root)) return [];
  } catch (error) {
    // It compares values by their `valueOf`, which may be a member of the document.
    if (error instanceof TypeError || error instanceof RangeError)
      return [{ at: '', message: `The document could not be checked: ${error.message}` }];
    throw error;
  }
  const all = (check.errors ?? []).map(({ keyword, instancePath, message, params }) => ({
    keyword,
    at: instancePath,
    message: `${message ?? keyword}${nameIn(params as Readonly<Record<string, unknown>>)}`,
  }));
  const telling = all.filter(({ keyword }) => !composed.has(keyword));
  const unique = new Map(
    (telling.length > 0 ? telling : all).map(({ at, message }) => [`${at} ${message}`, { at, message }]),
  );
  return [...unique.values()].slice(0, maxProblems);
};

const nameIn = (params: Readonly<Record<string, unknown>>): string => {
  const name = params['additionalProperty'] ?? params['unevaluatedProperty'];
  return typeof name === 'string' ? `: ${name.slice(0, 100)}` : '';
};
