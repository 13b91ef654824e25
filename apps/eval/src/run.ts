// All cases of a folder, each by its recording with the instructions of now; and by the one before, to compare.
import type { NamedCase } from './case.js';
import { currentInstructions, evaluate, type Outcome } from './evaluate.js';
import type { EvaluatedCase } from './report.js';

const notRecorded = (instructions: string): Outcome => ({
  instructions,
  problems: ['there is no recording with these instructions: npm run eval -- --record'],
  steps: 0,
  tools: [],
  inputTokens: 0,
  outputTokens: 0,
});

/** A case, by what is recorded. Asks nothing and nobody. */
export const evaluateCase = async (one: NamedCase): Promise<EvaluatedCase> => {
  const instructions = currentInstructions(one);
  const now = one.recordings.find((recording) => recording.instructions === instructions);
  const earlier = one.recordings.findLast((recording) => recording.instructions !== instructions);
  return {
    name: one.name,
    agent: one.agent,
    outcome: now === undefined ? notRecorded(instructions) : await evaluate(one, now),
    before: earlier && (await evaluate(one, earlier)),
  };
};

/** One after the other: each has sandboxes of its own. */
export const evaluateAll = async (cases: readonly NamedCase[]): Promise<EvaluatedCase[]> => {
  const evaluated: EvaluatedCase[] = [];
  for (const one of cases) evaluated.push(await evaluateCase(one));
  return evaluated;
};
