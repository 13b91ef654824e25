// The errors of Ajv as what a client is told: one entry for each fault that it can mend, in words about its payload and not
// about the schema.
import { type FieldProblem, jsonPointer, maxFieldProblems, mustBeOneOf, startOf, storable } from '@pulser/contracts';
import type { ErrorObject } from 'ajv';

/**
 * The first of them, each once. Takes time in proportion to the errors, of which a payload may have many thousands.
 * @param errors in Ajv's order: those of the branches of a union stand before the one of the union
 */
export const payloadProblems = (errors: readonly ErrorObject[]): FieldProblem[] => {
  const own = withoutBranches(errors);
  const problems = new Map<string, FieldProblem>();
  for (const error of own) {
    if (own.length > 1 && isEcho(error)) continue;
    const problem = problemOf(error);
    problems.set(JSON.stringify(problem), problem);
    if (problems.size === maxFieldProblems) break;
  }
  return [...problems.values()];
};

const unions: ReadonlySet<string> = new Set(['anyOf', 'oneOf']);

/** With the errors of one branch in place of those of a union. */
const withoutBranches = (errors: readonly ErrorObject[]): readonly ErrorObject[] => {
  const kept: ErrorObject[] = [];
  for (const error of errors) {
    if (!unions.has(error.keyword) || Array.isArray(error.params['passingSchemas'])) kept.push(error);
    else {
      const start = kept.findLastIndex((other) => !isOfBranch(other, error)) + 1;
      for (const one of meant(kept.splice(start), error)) kept.push(one);
    }
  }
  return kept;
};

// A branch behind a $ref has a path of its own.
const isOfBranch = ({ instancePath, schemaPath }: ErrorObject, union: ErrorObject): boolean => {
  const isBelow = instancePath === union.instancePath || instancePath.startsWith(`${union.instancePath}/`);
  const siblings = union.schemaPath.slice(0, -union.keyword.length);
  return isBelow && (schemaPath.startsWith(`${union.schemaPath}/`) || !schemaPath.startsWith(siblings));
};

const branchOf = ({ schemaPath }: ErrorObject, union: ErrorObject): string =>
  schemaPath.startsWith(`${union.schemaPath}/`)
    ? (schemaPath.slice(union.schemaPath.length + 1).split('/', 1)[0] ?? '')
    : schemaPath.split('/', 3).join('/');

const kinds: ReadonlySet<string> = new Set(['type', 'const', 'enum']);

/** The errors of the branch that was meant: of the right kind, with the fewest faults. Else one that says what there is. */
const meant = (errors: readonly ErrorObject[], union: ErrorObject): readonly ErrorObject[] => {
  const isAnotherKind = ({ keyword, instancePath }: ErrorObject) =>
    instancePath === union.instancePath && kinds.has(keyword);
  const branches = [...Map.groupBy(errors, (error) => branchOf(error, union)).values()];
  const [best] = branches.filter((branch) => !branch.some(isAnotherKind)).sort((a, b) => a.length - b.length);
  const wanted = branches.flatMap((branch) => kindOf(branch.filter(isAnotherKind)));
  return best ?? [{ ...union, params: { wanted: [...new Set(wanted)] } }];
};

/** Which value a branch is for: a very value says more than its type. */
const kindOf = (errors: readonly ErrorObject[]): string[] => {
  const exact = errors.filter(({ keyword }) => keyword !== 'type');
  return (exact.length === 0 ? errors : exact).map(textOf);
};

// Says only that another error of the list is there.
const isEcho = ({ keyword, propertyName }: ErrorObject): boolean =>
  keyword === 'if' || keyword === 'discriminator' || propertyName !== undefined;

const texts: Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => string>> = {
  additionalProperties: () => 'Unknown field',
  unevaluatedProperties: () => 'Unknown field',
  enum: ({ allowedValues }) => mustBeOneOf(allowedValues as unknown[]),
  const: ({ allowedValue }) => mustBeOneOf([allowedValue]),
  type: ({ type }) => `Must be ${[type].flat().join(' or ')}`,
  propertyNames: () => 'Its name is not allowed',
  not: () => 'Not allowed here',
  'false schema': () => 'Not allowed here',
  discriminator: () => 'Of none of the kinds that there are',
  anyOf: ({ wanted }) => (wanted as string[]).join(', or: '),
  oneOf: ({ wanted }) =>
    ((wanted as string[] | undefined) ?? ['Fits several forms, of which it must fit one']).join(', or: '),
};

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const textOf = ({ message = 'is wrong', keyword, params }: ErrorObject): string =>
  (Object.hasOwn(texts, keyword) ? texts[keyword]?.(params) : undefined) ?? capitalized(message);

const named = ['additionalProperty', 'unevaluatedProperty', 'missingProperty', 'propertyName'] as const;

const problemOf = (error: ErrorObject): FieldProblem => {
  const name = named.map((param) => error.params[param] as unknown).find((value) => typeof value === 'string');
  const pointer = startOf(storable(`/payload${error.instancePath}`), 1_000);
  return { pointer: name === undefined ? pointer : pointer + jsonPointer([name]), detail: textOf(error) };
};
