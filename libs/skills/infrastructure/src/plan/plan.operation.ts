import { operation } from '@pulser/agent-runtime/skill';

import {
  type Format,
  infrastructureErrors,
  type ReadDocument,
  readWholeDocument,
} from '../documents/document-input.js';
import { resourcesOf } from '../rules/kubernetes/resources.js';
import { closedSchemas } from '../schemas/closed-schemas.js';
import { appPlatformConsequence } from './app-platform-consequences.js';
import { composeConsequence } from './compose-consequences.js';
import { differenceOf } from './difference.js';
import { kubernetesConsequence } from './kubernetes-consequences.js';
import { type Change, effects, example, PlanInput, type PlanResult } from './plan-contract.js';
import { type Consequence, type PlannedChange, type Unit, unitsOf } from './planned-change.js';

// The operation `plan`: what becomes of each resource when one spec replaces another one.

const maxWords = 50;

const consequences: Readonly<Record<Format, (change: PlannedChange) => Consequence>> = {
  kubernetes: kubernetesConsequence,
  'app-platform': appPlatformConsequence,
  compose: composeConsequence,
};

const kindOfChange = (before: Unit | undefined, after: Unit | undefined): Change['change'] => {
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
};

const lineOf = ({ part }: Unit): number => part.document.at(part.path).line;

const changeOf = (format: Format, before: Unit | undefined, after: Unit | undefined): Change | undefined => {
  const unit = after ?? before;
  if (unit === undefined) return undefined;
  const change = kindOfChange(before, after);
  const difference = differenceOf(before?.part.value, after?.part.value);
  if (difference.patch.length === 0) return undefined;
  const planned = { label: unit.label, before: before?.part, after: after?.part, paths: difference.paths };
  const { effect, mayLoseData, reasons } = consequences[format](planned);
  const words = change === 'changed' ? difference.words : [`${unit.label} is ${change}`];
  return {
    resource: unit.label,
    change,
    effect,
    may_lose_data: mayLoseData,
    reasons: [...reasons],
    words: words.slice(0, maxWords),
    words_left_out: Math.max(0, words.length - maxWords),
    patch: change === 'changed' ? difference.patch.map((one) => ({ ...one })) : [],
    ...(before && { line_before: lineOf(before) }),
    ...(after && { line_after: lineOf(after) }),
  };
};

/** What is deleted comes first, then what is recreated: the reader shall see it. */
const bySeverity = (a: Change, b: Change): number => effects.indexOf(b.effect) - effects.indexOf(a.effect);

const inWords: Readonly<Record<Change['effect'], string>> = {
  none: 'without effect',
  updated: 'updated in place',
  created: 'created',
  restarted: 'restarted',
  recreated: 'recreated',
  deleted: 'deleted',
};

const summaryOf = (changes: readonly Change[]): string => {
  if (changes.length === 0) return 'Nothing changes';
  const counts = effects
    .map((effect) => ({ effect, count: changes.filter((one) => one.effect === effect).length }))
    .filter(({ count }) => count > 0)
    .map(({ effect, count }) => `${count} ${inWords[effect]}`);
  const risky = changes.filter((one) => one.may_lose_data).map(({ resource }) => resource);
  return `${counts.join(', ')}${risky.length === 0 ? '' : `; data may be lost in ${risky.join(', ')}`}`;
};

/** Kinds that the API of Kubernetes itself does not have: what their controllers do is not known. */
const unknownKinds = async (read: readonly ReadDocument[]): Promise<string[]> => {
  const { kinds } = (await closedSchemas()).kubernetes;
  const unknown = resourcesOf(read.flatMap(({ documents }) => documents))
    .filter(({ apiVersion, kind }) => !Object.hasOwn(kinds, `${apiVersion}/${kind}`))
    .map(({ kind, name }) => `${kind}/${name}`);
  return [...new Set(unknown)];
};

/** Says what a change of a spec does. */
export const plan = operation({
  name: 'plan',
  summary:
    'Compares two specs: what changes in words and as a JSON patch, what restarts, is recreated or may lose data',
  input: PlanInput,
  example,
  errors: infrastructureErrors,
  handle: async ({ format, before, after }, context): Promise<PlanResult> => {
    const read = await Promise.all([readWholeDocument(before, context), readWholeDocument(after, context)]);
    context.progress(30, 'Both documents are read');
    const [was, is] = read.map(({ documents }) => unitsOf(format, documents)) as [Map<string, Unit>, Map<string, Unit>];
    const keys = [...new Set([...was.keys(), ...is.keys()])];
    const changes = keys.flatMap((key) => changeOf(format, was.get(key), is.get(key)) ?? []).sort(bySeverity);
    return {
      summary: summaryOf(changes),
      changes,
      unchanged: keys.length - changes.length,
      may_lose_data: changes.some((one) => one.may_lose_data),
      unknown: format === 'kubernetes' ? await unknownKinds(read) : [],
    };
  },
});
