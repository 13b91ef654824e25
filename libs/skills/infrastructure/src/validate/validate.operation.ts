import { operation, type TaskContext } from '@pulser/agent-runtime/skill';

import { infrastructureErrors, type ReadDocument, readDocument } from '../documents/document-input.js';
import { Part } from '../documents/part.js';
import { positionOf, type RuleHit } from '../rules/finding.js';
import { ruleText, rulesOf } from './rule-catalogue.js';
import { pointerOf, resourceAt } from './finding-place.js';
import { example, type Finding, maxFindings, ValidateInput, type ValidateResult } from './validate-contract.js';
import { type NotChecked, validateDocuments } from './validation.js';

// The operation `validate`: documents against closed schemas and rules, each finding with its line.

const findingOf = (hit: RuleHit): Finding => {
  const resource = resourceAt(new Part(hit.document), hit.path);
  return {
    rule: hit.rule,
    severity: ruleText(hit.rule).severity,
    message: hit.message,
    document: hit.document.source,
    ...positionOf(hit),
    path: pointerOf(hit.path),
    ...(resource !== undefined && { resource }),
  };
};

const problemsOf = ({ name, problems }: ReadDocument): Finding[] =>
  problems.map(({ rule, message, line, column }) => ({
    rule,
    severity: ruleText(rule).severity,
    message,
    document: name,
    line,
    column,
    path: '',
  }));

const empty = ({ name, documents, problems }: ReadDocument): ValidateResult['not_checked'] =>
  documents.length > 0 || problems.length > 0
    ? []
    : [{ document: name, line: 1, what: 'the text', reason: 'It holds no document' }];

const notCheckedOf = ({ document, part, what, reason }: NotChecked): ValidateResult['not_checked'][number] => ({
  document: document.source,
  line: document.at(part.path).line,
  what,
  reason,
});

const inOrder = (names: readonly string[], findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (a, b) => names.indexOf(a.document) - names.indexOf(b.document) || a.line - b.line || a.column - b.column,
  );

const countOf = (findings: readonly Finding[], severity: Finding['severity']): number =>
  findings.filter((one) => one.severity === severity).length;

const countsByRule = (findings: readonly Finding[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { rule } of findings) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
};

const resultOf = (
  { format, ignore }: ValidateInput,
  all: readonly Finding[],
): Omit<ValidateResult, 'checked' | 'not_checked'> => {
  const findings = all.filter(({ rule }) => !ignore.includes(rule));
  const errors = countOf(findings, 'error');
  return {
    valid: errors === 0,
    errors,
    warnings: countOf(findings, 'warning'),
    findings: findings.slice(0, maxFindings),
    truncated: findings.length > maxFindings,
    rules: [...new Set(findings.map(({ rule }) => rule))].map((id) => {
      const { severity, reason, fix } = ruleText(id);
      return { id, severity, reason, fix };
    }),
    rules_applied: rulesOf(format).filter(({ id }) => !ignore.includes(id)).length,
    ignored: countsByRule(all.filter(({ rule }) => ignore.includes(rule))),
  };
};

/** What is found in the documents of a payload. @throws TaskError `data_not_found`, `document_too_large` */
export const validateDocumentsOf = async (input: ValidateInput, context: TaskContext): Promise<ValidateResult> => {
  const read = await Promise.all(input.documents.map((document) => readDocument(document, context)));
  context.progress(30, 'The documents are read');
  const { hits, notChecked, checked } = await validateDocuments(input.format, read);
  const names = input.documents.map(({ name }) => name);
  const findings = inOrder(names, [...read.flatMap(problemsOf), ...hits.map(findingOf)]);
  return {
    ...resultOf(input, findings),
    checked,
    not_checked: [...read.flatMap(empty), ...notChecked.map(notCheckedOf)],
  };
};

/** Checks manifests, specs and compose files. */
export const validate = operation({
  name: 'validate',
  summary: 'Checks Kubernetes manifests, App Platform specs or compose files against closed schemas and rules',
  input: ValidateInput,
  example,
  errors: infrastructureErrors,
  handle: validateDocumentsOf,
});
