import { runOperation } from '@pulser/agent-runtime/testing';

import type { Format } from '../src/documents/document-input.js';
import { infrastructure } from '../src/infrastructure.skill.js';
import { PlanResult } from '../src/plan/plan-contract.js';
import { RenderResult } from '../src/render/render-contract.js';
import { ValidateResult } from '../src/validate/validate-contract.js';

type Payload = Readonly<Record<string, unknown>>;

export const run = async (payload: Payload): Promise<unknown> => (await runOperation(infrastructure, payload)).result;

/** The result, checked by its schema. */
export const validate = async (
  format: Format,
  content: string | readonly string[],
  more: Payload = {},
): Promise<ValidateResult> => {
  const documents = [content].flat().map((one, index) => ({ name: `file-${index + 1}`, content: one }));
  return ValidateResult.parse(await run({ operation: 'validate', format, documents, ...more }));
};

export const plan = async (format: Format, before: string, after: string): Promise<PlanResult> =>
  PlanResult.parse(await run({ operation: 'plan', format, before: { content: before }, after: { content: after } }));

export const render = async (description: unknown): Promise<RenderResult> =>
  RenderResult.parse(await run({ operation: 'render', description }));

/** Rule and line of each finding. */
export const places = ({ findings }: ValidateResult): string[] => findings.map(({ rule, line }) => `${rule} ${line}`);
