// The inputs of a run: given ones with the defaults of the others.
import type { FieldProblem, WorkflowDefinition, WorkflowInput } from '@pulser/contracts';

const fits: Readonly<Record<WorkflowInput['type'], (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** What is wrong with the inputs of a run, by pointer into them. */
export const inputProblems = (
  { inputs }: Pick<WorkflowDefinition, 'inputs'>,
  given: Readonly<Record<string, unknown>>,
): FieldProblem[] => [
  ...Object.keys(given)
    .filter((name) => !Object.hasOwn(inputs, name))
    .map((name) => ({ pointer: `/${name}`, detail: 'Unknown input' })),
  ...Object.entries(inputs).flatMap(([name, { type, default: otherwise }]) => {
    if (!Object.hasOwn(given, name))
      return otherwise === undefined ? [{ pointer: `/${name}`, detail: 'Must be given' }] : [];
    return fits[type](given[name]) ? [] : [{ pointer: `/${name}`, detail: `Must be of type ${type}` }];
  }),
];

/** The inputs of a run that has no problems. */
export const inputsOf = (
  { inputs }: Pick<WorkflowDefinition, 'inputs'>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(Object.entries(inputs).map(([name, { default: otherwise }]) => [name, given[name] ?? otherwise]));
