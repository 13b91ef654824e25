// The operation `contract_test`: does an HTTP interface do what its OpenAPI document says?
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { operation, type TaskContext, TaskError } from '@pulser/agent-runtime/skill';

import { junitReport, type ReportCase } from '../http-checks/junit-report.js';
import { SchemaChecks } from '../schemas/schema-checks.js';
import { HeaderSecrets } from '../targets/header-values.js';
import { Targets, unanswered } from '../targets/targets.js';
import { testingErrors } from '../testing-errors.js';
import { AnswerChecks, type FindingKind } from './answer-check.js';
import { ApiDocument } from './api-document.js';
import { type ApiOperation, operationsOf } from './api-operation.js';
import { CasePlan } from './case-plan.js';
import { bySeverity, ContractRun } from './contract-run.js';
import {
  contractTestExample,
  ContractTestInput,
  type ContractTestResult,
  type DocumentSource,
  type Finding,
  type TestedOperation,
} from './contract-test-contract.js';
import { KnownValues } from './known-values.js';

const artifact = 'junit.xml';
const maxFindings = 100;
const maxListed = 50;

const severity: readonly FindingKind[] = [
  ...(['server_error', 'another_resource', 'accepts_illegal', 'schema_mismatch', 'not_json'] as const),
  ...(['wrong_content_type', 'missing_header', 'wrong_header', 'undeclared_status', 'body_not_declared'] as const),
];

const maxFileBytes = 32_000_000;

const unusable = (name: string, why: string): Error =>
  testingErrors.error('document_unreadable', `The document ${name} cannot be read: ${why}`);

const textOfFile = async (reference: string, { openData }: TaskContext): Promise<string> => {
  const { path, bytes } = await openData(reference);
  if (bytes > maxFileBytes) throw unusable(reference, `it has more than ${maxFileBytes} bytes`);
  return readFile(path, 'utf8');
};

const textOf = async (source: DocumentSource, targets: Targets, context: TaskContext): Promise<string> => {
  if ('text' in source) return source.text;
  if ('reference' in source) return textOfFile(source.reference, context);
  const { signal } = context;
  try {
    const { answer } = await targets.ask(source.url, { signal });
    if (!answer.ok) throw unusable(source.url.href, `it is answered with ${answer.status}`);
    return answer.text();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TaskError) throw error;
    throw unusable(source.url.href, unanswered(error));
  }
};

interface Chosen {
  readonly tested: ApiOperation[];
  readonly others: ApiOperation[];
  readonly not: ContractTestResult['not_tested'];
}

const chosen = (all: readonly ApiOperation[], { methods, operations }: ContractTestInput): Chosen => {
  const isNamed = ({ id }: ApiOperation): boolean => operations === undefined || operations.includes(id);
  const isAsked = ({ method }: ApiOperation): boolean => methods.includes(method);
  const tested = all.filter((one) => isNamed(one) && isAsked(one));
  const not = all
    .filter((one) => isNamed(one) && !isAsked(one))
    .map(({ id, method }) => ({ operation: id, why: `${method} was not asked for` }));
  const unknown = (operations ?? [])
    .filter((id) => !all.some((one) => one.id === id))
    .map((id) => ({ operation: id, why: 'There is no such operation in the document' }));
  return { tested, others: all.filter((one) => !tested.includes(one)), not: [...not, ...unknown] };
};

// One case of an operation for each finding, or one that passed.
const reportOf = (operations: readonly TestedOperation[], findings: readonly Finding[]): ReportCase[] =>
  operations.flatMap(({ operation: id, requests, findings: count }): ReportCase[] => {
    const own = findings.filter((one) => one.operation === id);
    if (count === 0) return [{ group: id, name: `${requests} requests`, ...(requests === 0 && { skipped: true }) }];
    return own.map(({ kind, message, curl }) => ({ group: id, name: kind, failure: `${message}\n${curl}` }));
  });

const summaryOf = (result: Omit<ContractTestResult, 'summary' | 'artifact'>): string => {
  const { findings, findings_left_out: more, counts, complete, operations } = result;
  const silent = operations.filter(({ succeeded }) => !succeeded).length;
  return [
    `${findings.length + more} findings in ${counts.requests} requests to ${counts.operations} operations`,
    ...(complete ? [] : [`${Math.max(0, counts.planned - counts.requests)} planned requests were not sent`]),
    ...(silent > 0 ? [`${silent} operations never answered with success, so that little is known of them`] : []),
  ].join('; ');
};

const resultOf = async (
  run: ContractRun,
  parts: {
    readonly document: ApiDocument;
    readonly schemas: SchemaChecks;
    readonly checks: AnswerChecks;
    readonly not: Chosen['not'];
    readonly seed: number;
  },
  context: TaskContext,
): Promise<ContractTestResult> => {
  const { document, schemas, checks, not, seed } = parts;
  const all = run.findings.sort(bySeverity(severity));
  const undecided = [...schemas.undecided].map(
    (pattern) => `A pattern took too long on some text, which counts as matching: ${pattern.slice(0, 100)}`,
  );
  const result = {
    passed: all.length === 0 && run.complete && run.operations.length > 0,
    complete: run.complete,
    seed,
    findings: all.slice(0, maxFindings),
    findings_left_out: Math.max(0, all.length - maxFindings),
    operations: run.operations,
    not_tested: not,
    counts: { ...run.counts, operations: run.operations.length, requests: run.sent },
    document: {
      version: document.version,
      problems: [...document.problems],
      external_references: [...document.external],
      not_checked: [...checks.notChecked, ...undecided].slice(0, maxListed),
    },
    notes: [...run.notes].slice(0, maxListed),
  };
  await context.artifact(artifact, 'application/xml', junitReport('contract_test', reportOf(run.operations, all)));
  return { ...result, summary: summaryOf(result), artifact };
};

/** Tests an HTTP interface against its OpenAPI document. */
export const contractTest = operation({
  name: 'contract_test',
  summary: 'Sends legal and illegal requests made from an OpenAPI document, and checks the answers against it',
  input: ContractTestInput,
  example: contractTestExample,
  errors: testingErrors,
  secrets: true,
  handle: async (input, context): Promise<ContractTestResult> => {
    const { signal, deadline } = context;
    const targets = await Targets.of(context);
    targets.approve(input.base_url);
    const document = await ApiDocument.read(await textOf(input.document, targets, context));
    context.progress(5, 'The document is read');
    const seed = input.seed ?? randomInt(2_147_483_647);
    const schemas = new SchemaChecks(document.root);
    const [checks, known] = [new AnswerChecks(document, schemas), new KnownValues()];
    const plan = new CasePlan(document, schemas, known, seed);
    const { tested, others, not } = chosen(operationsOf(document), input);
    const secrets = await HeaderSecrets.in([input.headers], input.base_url, context);
    const headers = secrets.texts(input.headers);
    const run = new ContractRun({ ...input, headers }, { targets, plan, checks, known, seed, signal, deadline });
    await run.run(tested, others, (count) => {
      context.progress(5 + (90 * count) / tested.length, `${count} of ${tested.length} operations`);
    });
    return resultOf(run, { document, schemas, checks, not, seed }, context);
  },
});
