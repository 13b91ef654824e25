// Answers that must fit a schema: by the server if it can, else by a check here and one repair.
import type { PayloadChecks } from '@pulser/context-bus';
import { type FieldProblem, TaskError } from '@pulser/contracts';
import type { AnswerFormat } from '@pulser/models';

/** What an answer is, or what is wrong with it. */
export type ReadAnswer =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'wrong'; readonly problems: readonly FieldProblem[] };

const fenced = /^```(?:json)?\s*\n([\s\S]*?)\n```\s*$/;

/** The format that a server is asked for. @param plain it has refused schemas */
export const formatOf = (schema: Readonly<Record<string, unknown>> | undefined, plain: boolean): AnswerFormat => {
  if (schema === undefined) return { kind: 'text' };
  return plain ? { kind: 'json' } : { kind: 'schema', schema };
};

const parsed = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(fenced.exec(text.trim())?.[1] ?? text) as unknown };
  } catch {
    return undefined;
  }
};

/** The answer by its schema. @throws TaskError `invalid_payload` for a schema that cannot be checked by */
export const readAnswer = async (
  text: string,
  schema: Readonly<Record<string, unknown>> | undefined,
  checks: Pick<PayloadChecks, 'problemsBy'>,
): Promise<ReadAnswer> => {
  if (schema === undefined) return { kind: 'answer', value: text };
  const read = parsed(text);
  if (read === undefined) return { kind: 'wrong', problems: [{ pointer: '', detail: 'It is not JSON' }] };
  const problems = await checks.problemsBy(schema, read.value);
  if (problems === undefined)
    throw new TaskError(
      'invalid_payload',
      'The schema of the answer is no JSON Schema, or too large to be checked by',
      {
        details: { errors: [{ pointer: '/schema', detail: 'no usable JSON Schema' }] },
      },
    );
  return problems.length === 0 ? { kind: 'answer', value: read.value } : { kind: 'wrong', problems };
};

/** What the model is told, once. */
export const repairOf = (problems: readonly FieldProblem[], schema: Readonly<Record<string, unknown>>): string =>
  [
    'Your answer does not fit the schema. Give the whole answer again, as JSON alone.',
    ...problems.slice(0, 10).map(({ pointer, detail }) => `- ${pointer === '' ? 'the answer' : pointer}: ${detail}`),
    `The schema: ${JSON.stringify(schema)}`,
  ].join('\n');
