// JSON Schema (draft 2020-12) of strangers: nothing is fetched, patterns have a time limit, errors are in words.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { BoundedPattern } from './bounded-pattern.js';

/** What is wrong with a value. */
export interface SchemaProblem {
  /** JSON pointer into the value. */
  readonly at: string;
  readonly message: string;
  readonly keyword: string;
}

const maxProblems = 5;

const inWords = ({ message = 'does not match', params, keyword }: ErrorObject): string => {
  if (keyword === 'additionalProperties')
    return `has the property ${JSON.stringify(params['additionalProperty'])}, which its closed schema does not have`;
  if (keyword === 'enum') return `must be one of ${JSON.stringify(params['allowedValues']).slice(0, 200)}`;
  return message;
};

// A property that only requests have cannot be missing in an answer, and the other way round.
const isOfOtherDirection = (error: ErrorObject, absent: 'readOnly' | 'writeOnly'): boolean => {
  if (error.keyword !== 'required') return false;
  const properties = error.parentSchema?.['properties'] as Record<string, Record<string, unknown>> | undefined;
  return properties?.[String(error.params['missingProperty'])]?.[absent] === true;
};

// Names of other documents, which would change what references mean.
const identifiers = new Set(['$id', '$schema', '$anchor', '$dynamicAnchor']);

const withoutIdentifiers = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutIdentifiers);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, item]) => !(identifiers.has(key) && typeof item === 'string'));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutIdentifiers(item)]));
};

/** Checks of values against parts of one document. */
export class SchemaChecks {
  /** Patterns that took too long on some text: it counted as matching. */
  readonly undecided = new Set<string>();
  private readonly ajv: Ajv2020;
  private readonly compiled = new Map<string, ValidateFunction | Error>();

  /** @param document all schemas are parts of it, named by JSON pointers */
  constructor(document: object) {
    const regExp = Object.assign(
      (source: string, flags: string) => new BoundedPattern(source, flags, (one) => this.undecided.add(one)),
      { code: 'undefined' },
    );
    this.ajv = new Ajv2020({
      strict: false,
      allErrors: true,
      verbose: true,
      logger: false,
      inlineRefs: false,
      validateSchema: false,
      code: { regExp },
    });
    addFormats.default(this.ajv);
    this.ajv.addSchema(withoutIdentifiers(document) as object, 'document');
  }

  /**
   * @param pointer of the schema in the document
   * @param absent properties of requests are absent in answers
   * @throws Error when the schema cannot be used
   */
  problems(pointer: string, value: unknown, absent: 'readOnly' | 'writeOnly' = 'writeOnly'): SchemaProblem[] {
    const check = this.checkOf(pointer);
    if (check(value)) return [];
    return (check.errors ?? [])
      .filter((error) => !isOfOtherDirection(error, absent))
      .slice(0, maxProblems)
      .map((error) => ({ at: error.instancePath, message: inWords(error), keyword: error.keyword }));
  }

  private checkOf(pointer: string): ValidateFunction {
    const known = this.compiled.get(pointer) ?? this.compile(pointer);
    this.compiled.set(pointer, known);
    if (known instanceof Error) throw known;
    return known;
  }

  private compile(pointer: string): ValidateFunction | Error {
    try {
      return this.ajv.compile({ $ref: `document#${pointer.split('/').map(encodeURIComponent).join('/')}` });
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** A pointer (RFC 6901) of keys. */
export const pointerOf = (...keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
