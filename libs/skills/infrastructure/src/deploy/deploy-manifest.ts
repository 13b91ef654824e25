// What is to be applied: rendered or as it is given, and held against the rules.
import type { TaskContext } from '@pulser/agent-runtime/skill';

import { readText } from '../documents/document-input.js';
import { renderFile } from '../render/render.operation.js';
import { validateDocumentsOf } from '../validate/validate.operation.js';
import { ValidateInput, type ValidateResult } from '../validate/validate-contract.js';
import { deployErrors, type DeployInput, type DeployStep, stepDone, stepSkipped } from './deploy-contract.js';

/** Characters: persons have to see it whole with what it changes, and see 64 KB at most. */
const maxManifest = 40_000;
const maxShown = 20;

export interface DeployManifest {
  readonly text: string;
  readonly warnings: readonly string[];
  /** What became of rendering and checking. */
  readonly steps: readonly DeployStep[];
}

type Text = readonly [string, DeployStep];

const textOf = async ({ description, documents = [] }: DeployInput, context: TaskContext): Promise<Text> => {
  if (description === undefined) {
    const texts = await Promise.all(documents.map((document) => readText(document, context)));
    return [texts.join('\n---\n'), stepSkipped('render', 'The manifests are given')];
  }
  const { content, not_expressed: left } = await renderFile('kubernetes', description);
  const without = left.length === 0 ? '' : `, without ${left.map(({ what }) => what).join(', ')}`;
  return [content, stepDone('render', `Rendered${without}`)];
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

const checked = async (content: string, { ignore }: DeployInput, context: TaskContext): Promise<ValidateResult> => {
  const documents = [{ name: 'manifest.yaml', content }];
  const input = ValidateInput.parse({ operation: 'validate', format: 'kubernetes', documents, ignore });
  const result = await validateDocumentsOf(input, context);
  requireValid(result);
  return result;
};

/** @throws TaskError `invalid_manifest`, `document_too_large`, `data_not_found` */
export const manifestOf = async (input: DeployInput, context: TaskContext): Promise<DeployManifest> => {
  const [text, rendered] = await textOf(input, context);
  if (text.length > maxManifest)
    throw deployErrors.error(
      'document_too_large',
      `The manifest has ${text.length} characters; ${maxManifest} at most`,
    );
  const { checked: count, warnings, findings } = await checked(text, input, context);
  await context.artifact('manifest.yaml', 'application/yaml', Buffer.from(text));
  return {
    text,
    warnings: findings.map(lineOf).slice(0, maxShown),
    steps: [rendered, stepDone('validate', `${count} resources, ${warnings} warnings`)],
  };
};
