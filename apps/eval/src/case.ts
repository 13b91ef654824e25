// A recorded case: what an agent is asked, what a model answered, and what has to come of it.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

const RecordedAnswer = z.strictObject({
  text: z.string().default(''),
  tools: z.array(z.strictObject({ name: z.string(), arguments: z.unknown() })).default([]),
  usage: z.strictObject({ input: z.int(), output: z.int() }).optional(),
});
export type RecordedAnswer = z.output<typeof RecordedAnswer>;

const Recording = z.strictObject({
  /** Version and digest of the instructions that it was made with. */
  instructions: z.string(),
  model: z.string().describe('That answered, or "by hand"'),
  answers: z.array(RecordedAnswer).min(1),
});
export type Recording = z.output<typeof Recording>;

const Expectation = z.strictObject({
  tools: z.array(z.string()).describe('Calls that succeed, in their order; one that must fail has a ! before its name'),
  contains: z.array(z.string()).default([]).describe('Texts that the answer has, whatever their case'),
  lacks: z.array(z.string()).default([]).describe('Texts that it must not have'),
  answer: z.unknown().optional().describe('The whole answer, of one by a schema'),
  shown: z.array(z.string()).default([]).describe('Texts that results of tools must have shown to the model'),
});
export type Expectation = z.output<typeof Expectation>;

export const EvalCase = z.strictObject({
  why: z.string(),
  agent: z.string(),
  request: z.record(z.string(), z.unknown()),
  memories: z.array(z.strictObject({ type: z.string(), content: z.string() })).default([]),
  children: z.record(z.string(), z.strictObject({ result: z.unknown() })).default({}),
  expect: Expectation,
  /** The newest last. */
  recordings: z.array(Recording).default([]),
});
export type EvalCase = z.output<typeof EvalCase>;

export interface NamedCase extends EvalCase {
  readonly name: string;
  readonly file: string;
}

/** @throws Error that names the file which is none */
const caseIn = async (file: string, name: string): Promise<NamedCase> => {
  const parsed = EvalCase.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} is no case:\n${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, name, file };
};

/** The cases of a folder, by name. */
export const casesIn = async (folder: string): Promise<NamedCase[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(files.map((file) => caseIn(join(folder, file), file.replace(/\.json$/, ''))));
};

/** How many recordings are kept: that of now, and what it is compared with. */
const kept = 2;

/** Writes a recording into its case. */
export const keepRecording = async (one: NamedCase, made: Recording): Promise<void> => {
  const others = one.recordings.filter(({ instructions }) => instructions !== made.instructions);
  const { why, agent, request, memories, children, expect } = one;
  const content = { why, agent, request, memories, children, expect, recordings: [...others, made].slice(-kept) };
  await writeFile(one.file, `${JSON.stringify(content, undefined, 2)}\n`);
};
