// What is to be applied: rendered or as it is given, and held against the rules.
import type { TaskContext } from '@pulser/agent-runtime/skill';

import { readText } from '../documents/document-input.js';
import { renderFile } from '../render/render.operation.js';
import { validate } from '../validate/validate.operation.js';
import { ValidateInput, type ValidateResult } from '../validate/validate-contract.js';
import { deployErrors, type DeployInput } from './deploy-contract.js';
import type { DeployReport } from './deploy-report.js';

/** Characters: persons have to see it whole with what it changes, and see 64 KB at most. */
const maxManifest = 40_000;
const maxShown = 20;

export interface DeployManifest {
  readonly text: string;
  readonly warnings: readonly string[];
}

const textOf = async (input: DeployInput, context: TaskContext, report: DeployReport): Promise<string> => {
  if (input.description !== undefined) {
    const { content, not_expressed: left } = await renderFile('kubernetes', input.description);
    report.done(
      'render',
      left.length === 0 ? 'Rendered' : `Rendered, without ${left.map(({ what }) => what).join(', ')}`,
    );
    return content;
  }
  const texts = await Promise.all((input.documents ?? []).map((document) => readText(document, context)));
  report.skipped('render', 'The manifests are given');
  return texts.join('\n---\n');
};

const lineOf = ({ rule, line, message }: ValidateResult['findings'][number]): string =>
  `${rule} (line ${line}): ${message}`;

const requireValid = ({ errors, findings }: ValidateResult): void => {
  if (errors === 0) return;
  const wrong = findings.filter(({ severity }) => severity === 'error').map(lineOf);
  throw deployErrors.error('invalid_manifest', `${errors} rules are broken, first: ${wrong[0] ?? ''}`, {
    details: { errors, findings: wrong.slice(0, maxShown) },
  });
};

/** @throws TaskError `invalid_manifest`, `document_too_large`, `data_not_found` */
export const manifestOf = async (
  input: DeployInput,
  context: TaskContext,
  report: DeployReport,
): Promise<DeployManifest> => {
  const text = await textOf(input, context, report);
  if (text.length > maxManifest)
    throw deployErrors.error(
      'document_too_large',
      `The manifest has ${text.length} characters; ${maxManifest} at most`,
    );
  const documents = [{ name: 'manifest.yaml', content: text }];
  const result = await validate.handle(
    ValidateInput.parse({ operation: 'validate', format: 'kubernetes', documents, ignore: input.ignore }),
    context,
  );
  const checked = result as ValidateResult;
  requireValid(checked);
  report.done('validate', `${checked.checked} resources, ${checked.warnings} warnings`);
  await context.artifact('manifest.yaml', 'application/yaml', Buffer.from(text));
  return { text, warnings: checked.findings.map(lineOf).slice(0, maxShown) };
};
