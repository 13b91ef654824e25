// Templates: JSON in which some objects stand for what an expression finds.
import { readCel, readPath, type Reading } from './language.js';

export type TemplateExpression =
  | { readonly kind: 'path'; readonly text: string; readonly otherwise?: unknown }
  | { readonly kind: 'cel'; readonly text: string }
  | { readonly kind: 'artifact'; readonly step: string; readonly file: string };

// Threads read this file, so it imports no library of ours.
const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const artifactText = /^([a-z][a-z0-9_]{0,39})\/(.{1,200})$/s;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value of a template stands for; undefined: for itself. A string: why it is neither. */
export const expressionOf = (value: unknown): TemplateExpression | string | undefined => {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  if (!keys.some((key) => key.startsWith('$'))) return undefined;
  const { $path: path, $cel: cel, $artifact: artifact, default: otherwise } = value;
  if (typeof path === 'string' && keys.every((key) => key === '$path' || key === 'default'))
    return { kind: 'path', text: path, ...('default' in value && { otherwise }) };
  if (typeof cel === 'string' && keys.length === 1) return { kind: 'cel', text: cel };
  const [, step, file] = (typeof artifact === 'string' && keys.length === 1 && artifactText.exec(artifact)) || [];
  if (step !== undefined && file !== undefined) return { kind: 'artifact', step, file };
  return 'An object with a key that begins with $ is {"$path": …, "default"?: …}, {"$cel": …} or {"$artifact": "<step>/<file>"}';
};

export interface FoundExpression {
  /** Where it is in the template. */
  readonly pointer: string;
  readonly expression: TemplateExpression | string;
}

/** Every expression of a template. */
export const expressionsIn = (template: unknown, path: readonly PropertyKey[] = []): FoundExpression[] => {
  const expression = expressionOf(template);
  if (expression !== undefined) return [{ pointer: jsonPointer(path), expression }];
  if (Array.isArray(template)) return template.flatMap((item, n) => expressionsIn(item, [...path, n]));
  if (!isObject(template)) return [];
  return Object.entries(template).flatMap(([key, item]) => expressionsIn(item, [...path, key]));
};

/** What an expression of a template reads. */
export const readingOf = (expression: TemplateExpression): Reading => {
  switch (expression.kind) {
    case 'path':
      return readPath(expression.text);
    case 'cel':
      return readCel(expression.text);
    case 'artifact':
      return { kind: 'read', steps: [expression.step], inputs: [], roots: [] };
  }
};

/** Why a template cannot be filled in, with where. */
export class TemplateError extends Error {
  readonly code: 'expression_failed' | 'value_missing' | 'result_too_large' | 'expression_limit';
  readonly pointer: string;

  constructor(code: TemplateError['code'], message: string, pointer: string) {
    super(message);
    this.name = 'TemplateError';
    this.code = code;
    this.pointer = pointer;
  }
}

/** A template with its expressions replaced. @param evaluate throws what an expression does wrong */
export const filledIn = (
  template: unknown,
  evaluate: (expression: TemplateExpression, pointer: string) => unknown,
  path: readonly PropertyKey[] = [],
): unknown => {
  const expression = expressionOf(template);
  if (typeof expression === 'string') throw new TemplateError('expression_failed', expression, jsonPointer(path));
  if (expression !== undefined) return evaluate(expression, jsonPointer(path));
  if (Array.isArray(template)) return template.map((item, n) => filledIn(item, evaluate, [...path, n]));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, item]) => [key, filledIn(item, evaluate, [...path, key])]),
  );
};
