// What a definition would do, and what is wrong with it, without doing it.
import {
  awaitedSignal,
  type FieldProblem,
  type WorkflowDefinition,
  workflowLimits,
  type WorkflowPlan,
  type WorkflowProblem,
  type WorkflowStep,
} from '@pulser/contracts';

import { readCel, type Reading } from '../expressions/language.js';
import { expressionsIn, readingOf } from '../expressions/templates.js';
import { ancestorsOf, circleOf, levelsOf } from './order.policy.js';

/** What a payload that is known already does wrong, by the schema of its operation; undefined: it was not checked. */
export type PayloadVerdicts = ReadonlyMap<string, readonly FieldProblem[]>;

/** A part of a step that may hold expressions. */
interface Part {
  readonly pointer: string;
  readonly template: unknown;
  /** Names that its expressions may use beside inputs and steps. */
  readonly roots: readonly string[];
}

const inItems = ['item', 'index', 'run'];
const inRun = ['run'];

/** The templates of a step. */
const templatesOf = (step: WorkflowStep): Part[] => {
  if ('wait' in step)
    return 'until' in step.wait ? [{ pointer: '/wait/until', template: step.wait.until, roots: inRun }] : [];
  if ('approval' in step) return [{ pointer: '/approval/arguments', template: step.approval.arguments, roots: inRun }];
  const roots = step.map === undefined ? inRun : inItems;
  const keys = (['concurrency', 'unique'] as const).flatMap((name) => {
    const key = step[name]?.key;
    return key === undefined ? [] : [{ pointer: `/${name}/key`, template: key, roots }];
  });
  const own =
    'payload' in step
      ? { pointer: '/payload', template: step.payload, roots }
      : { pointer: '/inputs', template: step.inputs, roots };
  return step.map === undefined
    ? [own, ...keys]
    : [own, ...keys, { pointer: '/map/over', template: step.map.over, roots: inRun }];
};

const problem = (pointer: string, code: string, detail: string): WorkflowProblem => ({ pointer, code, detail });

interface Known {
  readonly inputs: ReadonlySet<string>;
  /** Steps whose results may be read. */
  readonly before: ReadonlySet<string>;
}

const readingProblems = (
  pointer: string,
  reading: Reading,
  roots: readonly string[],
  known: Known,
): WorkflowProblem[] => {
  if (reading.kind === 'refused') return [problem(pointer, 'invalid_expression', reading.detail)];
  return [
    ...reading.steps
      .filter((name) => !known.before.has(name))
      .map((name) =>
        problem(pointer, 'not_needed', `It reads the step ${name}, which \`needs\` does not name before it`),
      ),
    ...reading.inputs
      .filter((name) => !known.inputs.has(name))
      .map((name) => problem(pointer, 'unknown_input', `There is no input ${name}`)),
    ...reading.roots
      .filter((name) => !roots.includes(name))
      .map((name) => problem(pointer, 'unknown_name', `${name} means nothing here`)),
  ];
};

const templateProblems = (at: string, { pointer, template, roots }: Part, known: Known): WorkflowProblem[] => {
  const found = expressionsIn(template);
  if (found.length > workflowLimits.expressions)
    return [problem(at + pointer, 'too_many_expressions', `At most ${workflowLimits.expressions} expressions`)];
  return found.flatMap(({ pointer: below, expression }) =>
    typeof expression === 'string'
      ? [problem(at + pointer + below, 'invalid_expression', expression)]
      : readingProblems(at + pointer + below, readingOf(expression), roots, known),
  );
};

const needProblems = (at: string, step: WorkflowStep, names: ReadonlySet<string>): WorkflowProblem[] =>
  step.needs.flatMap((need, n) =>
    names.has(need) ? [] : [problem(`${at}/needs/${n}`, 'unknown_step', `There is no step ${need}`)],
  );

const isMap = (step: WorkflowStep): boolean => 'map' in step && step.map !== undefined;

const toleranceProblems = (at: string, step: WorkflowStep): WorkflowProblem[] =>
  typeof step.on_failure === 'object' && !isMap(step)
    ? [problem(`${at}/on_failure`, 'no_map', 'Only a map can tolerate failures of some items')]
    : [];

const approvalProblems = (at: string, step: WorkflowStep): WorkflowProblem[] => {
  if (!('approval' in step)) return [];
  const { needed, persons } = step.approval;
  return persons === undefined || new Set(persons).size >= needed
    ? []
    : [problem(`${at}/approval/needed`, 'too_few_persons', 'More persons must approve than are named')];
};
/** Items of a map with one unique key would be one task. */
const keyProblems = (at: string, step: WorkflowStep): WorkflowProblem[] =>
  'map' in step && step.map !== undefined && step.unique !== undefined && expressionsIn(step.unique.key).length === 0
    ? [problem(`${at}/unique/key`, 'one_key', 'All items would be one task: make the key of `item` or `index`')]
    : [];

const stepProblems = (at: string, step: WorkflowStep, names: ReadonlySet<string>, known: Known): WorkflowProblem[] => [
  ...needProblems(at, step, names),
  ...toleranceProblems(at, step),
  ...approvalProblems(at, step),
  ...keyProblems(at, step),
  ...(step.when === undefined ? [] : readingProblems(`${at}/when`, readCel(step.when), inRun, known)),
  ...templatesOf(step).flatMap((part) => templateProblems(at, part, known)),
];

const duplicateProblems = (steps: readonly WorkflowStep[]): WorkflowProblem[] =>
  steps.flatMap(({ name }, n) =>
    steps.findIndex((step) => step.name === name) < n
      ? [problem(`/steps/${n}/name`, 'duplicate_step', `There is another step ${name}`)]
      : [],
  );

const circleProblems = (steps: readonly WorkflowStep[]): WorkflowProblem[] => {
  const circle = circleOf(steps);
  return circle === undefined
    ? []
    : [problem('/steps', 'circle', `Steps need each other in a circle: ${circle.join(' needs ')}`)];
};

/** What a payload does wrong that no expression can put right. */
const payloadProblems = (at: string, step: WorkflowStep, found: readonly FieldProblem[]): WorkflowProblem[] => {
  if (!('payload' in step)) return [];
  const open = expressionsIn(step.payload).map(({ pointer }) => `/payload${pointer}`);
  const touches = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`);
  return found
    .filter(({ pointer }) => !open.some((other) => touches(pointer, other) || touches(other, pointer)))
    .map(({ pointer, detail }) => problem(at + pointer, 'invalid_payload', detail));
};

/** Tasks of a step: at least, at most. */
const tasksOf = (step: WorkflowStep): { least: number; most: number } => {
  if ('wait' in step) return { least: 0, most: 0 };
  const over = 'approval' in step ? undefined : step.map?.over;
  const most = over === undefined ? 1 : Array.isArray(over) ? over.length : workflowLimits.items;
  const least = step.when !== undefined || (over !== undefined && !Array.isArray(over)) ? 0 : most;
  return { least, most };
};

const totalOf = (steps: readonly WorkflowStep[]): WorkflowPlan['tasks'] => {
  const counts = steps.map(tasksOf);
  return {
    least: counts.reduce((sum, { least }) => sum + least, 0),
    most: counts.reduce((sum, { most }) => sum + most, 0),
  };
};

const uncheckedSteps = (steps: readonly WorkflowStep[], verdicts: PayloadVerdicts): string[] =>
  steps
    .filter((step) => 'payload' in step && (!verdicts.has(step.name) || expressionsIn(step.payload).length > 0))
    .map(({ name }) => name);

/**
 * Checks a definition: names, circles, expressions with what they read, payloads as far as they are known.
 * @param verdicts what the schemas of the operations say about the payloads
 */
export const plan = (definition: WorkflowDefinition, verdicts: PayloadVerdicts = new Map()): WorkflowPlan => {
  const { steps } = definition;
  const names = new Set(steps.map(({ name }) => name));
  const inputs = new Set(Object.keys(definition.inputs));
  const before = ancestorsOf(steps);
  const known = (name: string): Known => ({ inputs, before: before.get(name) ?? new Set() });
  const output: Part = { pointer: '', template: definition.output ?? {}, roots: inRun };
  const problems = [
    ...duplicateProblems(steps),
    ...circleProblems(steps),
    ...steps.flatMap((step, n) => stepProblems(`/steps/${n}`, step, names, known(step.name))),
    ...steps.flatMap((step, n) => payloadProblems(`/steps/${n}`, step, verdicts.get(step.name) ?? [])),
    ...templateProblems('/output', output, { inputs, before: names }),
  ];
  return {
    ok: problems.length === 0,
    problems: problems.slice(0, 100),
    levels: levelsOf(steps),
    tasks: totalOf(steps),
    unchecked: uncheckedSteps(steps, verdicts),
    signals: [...new Set(steps.flatMap((step) => awaitedSignal(step) ?? []))],
  };
};
