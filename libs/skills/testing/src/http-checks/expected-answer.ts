// What a step expects of its answer, check by check.
import type { OutgoingResponse } from '@pulser/outgoing/client';
import { isDeepStrictEqual } from 'node:util';

import { jsonPathValues } from '../schemas/json-path.js';
import { SchemaChecks } from '../schemas/schema-checks.js';
import type { Answered } from '../targets/targets.js';
import type { Check, Expectations, HeaderExpectation, JsonExpectation } from './http-checks-contract.js';

const maxShown = 300;

/** A value as a reader sees it, shortened. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : value === undefined ? 'nothing' : JSON.stringify(value);
  const start = text.toWellFormed().replaceAll('\0', '\ufffd');
  return start.length > maxShown ? `${start.slice(0, maxShown)} ... (${text.length} characters)` : start;
};

const check = (what: string, passed: boolean, found: () => unknown): Check =>
  passed ? { what, passed } : { what, passed, found: shown(found()) };

const statusCheck = ({ status: wanted }: Expectations, { status }: OutgoingResponse): Check => {
  if (wanted === undefined) return check('status is 200 to 299', status >= 200 && status < 300, () => status);
  const all = [wanted].flat();
  return check(`status is ${all.join(' or ')}`, all.includes(status), () => status);
};

const headerCheck = (name: string, wanted: HeaderExpectation, value: string | undefined): Check => {
  const found = (): unknown => value ?? 'no such header';
  if (typeof wanted === 'string') return check(`header ${name} is ${JSON.stringify(wanted)}`, value === wanted, found);
  if ('contains' in wanted)
    return check(
      `header ${name} contains ${JSON.stringify(wanted.contains)}`,
      value?.includes(wanted.contains) === true,
      found,
    );
  return check(`header ${name} is ${wanted.exists ? '' : 'not '}there`, (value !== undefined) === wanted.exists, found);
};

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

type Rule = (values: readonly unknown[], one: JsonExpectation) => readonly [string, boolean] | undefined;

const every = (values: readonly unknown[], holds: (value: unknown) => boolean): boolean =>
  values.length > 0 && values.every(holds);

// In the order in which they are shown.
const rules: readonly Rule[] = [
  (values, { exists }) =>
    exists === undefined ? undefined : [exists ? 'finds something' : 'finds nothing', values.length > 0 === exists],
  (values, { count }) => (count === undefined ? undefined : [`finds ${count}`, values.length === count]),
  (values, { equals }) =>
    equals === undefined
      ? undefined
      : [`is ${shown(equals)}`, values.length === 1 && isDeepStrictEqual(values[0], equals)],
  (values, { type }) =>
    type === undefined ? undefined : [`is of type ${type}`, every(values, (one) => typeOf(one) === type)],
  (values, { contains }) =>
    contains === undefined
      ? undefined
      : [`contains ${shown(contains)}`, every(values, (one) => typeof one === 'string' && one.includes(contains))],
  (values, { min }) =>
    min === undefined
      ? undefined
      : [`is at least ${min}`, every(values, (one) => typeof one === 'number' && one >= min)],
  (values, { max }) =>
    max === undefined
      ? undefined
      : [`is at most ${max}`, every(values, (one) => typeof one === 'number' && one <= max)],
];

const jsonChecks = (one: JsonExpectation, body: unknown): Check[] => {
  const values = jsonPathValues(one.path, body);
  const found = (): unknown => {
    if (one.count !== undefined || values.length === 0) return `${values.length} values`;
    return values.length === 1 ? values[0] : values;
  };
  return rules.flatMap((rule) => {
    const verdict = rule(values, one);
    return verdict === undefined ? [] : [check(`${one.path} ${verdict[0]}`, verdict[1], found)];
  });
};

const schemaCheck = (schema: object, body: unknown): Check => {
  const checks = new SchemaChecks(schema);
  const problems = checks.problems('', body);
  const undecided = checks.undecided.size > 0 ? ' (a pattern took too long to decide, and counts as matching)' : '';
  return check(`body matches the schema${undecided}`, problems.length === 0, () =>
    problems.map(({ at, message }) => `${at === '' ? 'the body' : at} ${message}`).join('; '),
  );
};

const isJsonNeeded = ({ json = [], schema }: Expectations): boolean => json.length > 0 || schema !== undefined;

/** The body as JSON, or what it is instead. */
const jsonOf = (answer: OutgoingResponse): { readonly value: unknown } | undefined => {
  try {
    return { value: answer.json() };
  } catch {
    return undefined;
  }
};

const bodyChecks = (expect: Expectations, answer: OutgoingResponse): Check[] => {
  if (!isJsonNeeded(expect)) return [];
  const body = jsonOf(answer);
  if (body === undefined) return [check('body is JSON', false, () => answer.text())];
  return [
    ...(expect.json ?? []).flatMap((one) => jsonChecks(one, body.value)),
    ...(expect.schema === undefined ? [] : [schemaCheck(expect.schema, body.value)]),
  ];
};

/** Holds an answer against what was expected. @throws Error when a schema cannot be used, or a path finds too much */
export const checksOf = (expect: Expectations, { answer, ms }: Answered): Check[] => {
  const { headers = {}, body_contains: part, max_ms: maxMs } = expect;
  return [
    statusCheck(expect, answer),
    ...Object.entries(headers).map(([name, wanted]) => headerCheck(name, wanted, answer.headers[name.toLowerCase()])),
    ...bodyChecks(expect, answer),
    ...(part === undefined
      ? []
      : [check(`body contains ${shown(part)}`, answer.text().includes(part), () => answer.text())]),
    ...(maxMs === undefined ? [] : [check(`answers within ${maxMs} ms`, ms <= maxMs, () => `${ms} ms`)]),
  ];
};
