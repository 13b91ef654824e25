import { operation, type TaskContext } from '@pulser/agent-runtime/skill';

import { DocumentTooLarge } from '../documents/bounded-value.js';
import { documentationErrors } from '../documents/documentation-errors.js';
import { textOfFile } from '../documents/document-input.js';
import { UnreadableText } from '../documents/unreadable-text.js';
import { coverage, select } from './selection.policy.js';
import { isTelling, type Sentence, sentencesOf } from './sentences.policy.js';
import { summaryExample, SummaryInput, type SummaryResult } from './summary-contract.js';

// The operation `summary`: sentences of a text that stand for it, each with its place. Nothing is written anew.

/** Each costs some 25 ms. */
const maxSentences = 4_000;
const batch = 500;

const textOf = async (input: SummaryInput, context: TaskContext): Promise<string> => {
  if (input.text !== undefined) return input.text;
  const reference = input.reference ?? '';
  try {
    return await textOfFile(reference, context);
  } catch (error) {
    if (error instanceof UnreadableText)
      throw documentationErrors.error('document_unreadable', `${reference}: ${error.message}`);
    if (error instanceof DocumentTooLarge)
      throw documentationErrors.error('document_too_large', `${reference}: ${error.message}`);
    throw error;
  }
};

const vectorsOf = async (sentences: readonly Sentence[], context: TaskContext): Promise<(readonly number[])[]> => {
  const vectors: (readonly number[])[] = [];
  for (let at = 0; at < sentences.length; at += batch) {
    context.signal.throwIfAborted();
    // Of a sentence beyond 2,000 characters its beginning decides.
    vectors.push(...(await context.embed(sentences.slice(at, at + batch).map(({ text }) => text.slice(0, 2_000)))));
    context.progress(Math.round((90 * Math.min(at + batch, sentences.length)) / sentences.length));
  }
  return vectors;
};

const notLatin = /[^\p{Script=Latin}\P{L}]/gu;

const notesOf = (text: string): string[] => {
  const sample = text.slice(0, 20_000);
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  const foreign = sample.match(notLatin)?.length ?? 0;
  return foreign > letters / 2
    ? ['Most letters are not Latin: the built-in model knows English only, so that the choice says little']
    : [];
};

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** Chooses sentences. */
export const summary = operation({
  name: 'summary',
  summary: 'Chooses the sentences of a text that stand for the whole, each with its place in the text',
  input: SummaryInput,
  example: summaryExample,
  errors: documentationErrors,
  handle: async (input, context): Promise<SummaryResult> => {
    const text = await textOf(input, context);
    const all = sentencesOf(text, input.locale);
    const candidates = all.filter(isTelling);
    const counts = {
      sentences_in_text: all.length,
      sentences_considered: candidates.length,
      characters: text.length,
      notes: notesOf(text),
    };
    if (candidates.length <= input.sentences) {
      const reason = `The text has ${candidates.length} sentences to choose from: ${input.sentences} of them would be the text itself`;
      return { enough: false, reason, sentences: [], coverage: null, ...counts };
    }
    if (candidates.length > maxSentences)
      throw documentationErrors.error(
        'document_too_large',
        `The text has ${candidates.length} sentences; ${maxSentences} are the most: give a part of it`,
      );
    const vectors = await vectorsOf(candidates, context);
    const chosen = select(vectors, input.sentences);
    const sentences = chosen.flatMap(({ index, relevance }, rank) => {
      const sentence = candidates[index];
      return sentence === undefined ? [] : [{ ...sentence, rank: rank + 1, relevance: rounded(relevance) }];
    });
    return {
      enough: true,
      reason: null,
      sentences: sentences.sort((a, b) => a.start - b.start),
      coverage: rounded(coverage(vectors, chosen)),
      ...counts,
    };
  },
});
