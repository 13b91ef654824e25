// All rules with what their reader is told, by format; those about YAML and schemas have no check of their own.
import type { Format } from '../documents/document-input.js';
import { appPlatformRules } from '../rules/app-platform-rules.js';
import { composeFileRules } from '../rules/compose-file-rules.js';
import { composeServiceRules } from '../rules/compose-rules.js';
import type { RuleText } from '../rules/finding.js';
import { containerRules } from '../rules/kubernetes/container-rules.js';
import { podRules } from '../rules/kubernetes/pod-rules.js';
import { resourceRules } from '../rules/kubernetes/resource-rules.js';
import { setRules } from '../rules/kubernetes/set-rules.js';

/** What is found while a text is read and held against its schema. */
const reading: readonly RuleText[] = [
  {
    id: 'yaml-syntax',
    severity: 'error',
    reason: 'Nobody can read it; nothing else of this document was checked.',
    fix: 'Correct the line; the cause may stand above it.',
  },
  {
    id: 'yaml-duplicate-key',
    severity: 'error',
    reason: 'Readers take the last one, the first one or refuse the file.',
    fix: 'Keep one.',
  },
  {
    id: 'yaml-reserved-key',
    severity: 'error',
    reason: 'It means something to JavaScript and nothing to these formats: an attempt to harm a reader.',
    fix: 'Remove it.',
  },
  {
    id: 'yaml-too-large',
    severity: 'error',
    reason: 'It is deeper or larger than any such file, or its aliases multiply; it was not checked.',
    fix: 'Split it; use fewer aliases.',
  },
  {
    id: 'yaml-boolean-word',
    severity: 'warning',
    reason: 'Kubernetes and doctl read on, off, yes and no as booleans, other readers as words.',
    fix: 'Write true or false, or put the word in quotes.',
  },
  {
    id: 'one-document',
    severity: 'error',
    reason: 'Only the first document of such a file counts.',
    fix: 'Give each its own file.',
  },
  {
    id: 'unknown-field',
    severity: 'error',
    reason: 'It is dropped or refused: what it was to do is not done.',
    fix: 'Correct the name, or move it to where it belongs.',
  },
  { id: 'missing-field', severity: 'error', reason: 'It is refused without.', fix: 'Add the field.' },
  { id: 'wrong-type', severity: 'error', reason: 'It is refused.', fix: 'Use the type that is named; quote texts.' },
  { id: 'wrong-value', severity: 'error', reason: 'It is refused.', fix: 'Use one of the values that are allowed.' },
];

const policies: Readonly<Record<Format, readonly RuleText[]>> = {
  kubernetes: [...containerRules, ...podRules, ...resourceRules, ...setRules],
  'app-platform': appPlatformRules,
  compose: [...composeServiceRules, ...composeFileRules],
};

const distinct = (rules: readonly RuleText[]): RuleText[] => [
  ...new Map(rules.map((rule) => [rule.id, rule])).values(),
];

/** The rules of one format, each once. */
export const rulesOf = (format: Format): RuleText[] => distinct([...reading, ...policies[format]]);

const all = new Map(
  [...rulesOf('kubernetes'), ...rulesOf('app-platform'), ...rulesOf('compose')].map((one) => [one.id, one]),
);

/** @throws TypeError when there is no rule of that name */
export const ruleText = (id: string): RuleText => {
  const rule = all.get(id);
  if (rule === undefined) throw new TypeError(`There is no rule ${id}`);
  return rule;
};

export const ruleIds: readonly string[] = [...all.keys()];
