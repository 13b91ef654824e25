import { runOperation, type RunOptions } from '@pulser/agent-runtime/testing';

import { ChangelogResult } from '../src/changelog/changelog-contract.js';
import { ApiChangesResult } from '../src/changes/api-changes-contract.js';
import { documentation } from '../src/documentation.skill.js';
import { DataDictionaryResult } from '../src/dictionary/data-dictionary-contract.js';
import { ApiReferenceResult } from '../src/reference/api-reference-contract.js';
import { SummaryResult } from '../src/summary/summary-contract.js';

type Payload = Readonly<Record<string, unknown>>;

export const run = (payload: Payload, options?: RunOptions): ReturnType<typeof runOperation> =>
  runOperation(documentation, payload, options);

interface Reference {
  readonly result: ApiReferenceResult;
  readonly html: string;
  readonly markdown: string;
}

/** The result, checked by its schema, and the two pages. */
export const apiReference = async (content: unknown): Promise<Reference> => {
  const { result, artifacts } = await run({ operation: 'api_reference', document: { content } });
  const text = (name: string): string => artifacts.get(name)?.content.toString() ?? '';
  return { result: ApiReferenceResult.parse(result), html: text('reference.html'), markdown: text('reference.md') };
};

interface Changes {
  readonly result: ApiChangesResult;
  readonly page: string;
  readonly list: unknown;
}

export const apiChanges = async (before: unknown, after: unknown): Promise<Changes> => {
  const { result, artifacts } = await run({
    operation: 'api_changes',
    before: { content: before },
    after: { content: after },
  });
  return {
    result: ApiChangesResult.parse(result),
    page: artifacts.get('changes.md')?.content.toString() ?? '',
    list: JSON.parse(artifacts.get('changes.json')?.content.toString() ?? '') as unknown,
  };
};

export const changelog = async (
  input: Payload,
  options?: RunOptions,
): Promise<{ readonly result: ChangelogResult; readonly text: string }> => {
  const { result, artifacts } = await run({ operation: 'changelog', ...input }, options);
  return {
    result: ChangelogResult.parse(result),
    text: artifacts.get('CHANGELOG.md')?.content.toString() ?? '',
  };
};

export const summary = async (input: Payload, options?: RunOptions): Promise<SummaryResult> =>
  SummaryResult.parse((await run({ operation: 'summary', ...input }, options)).result);

export const dataDictionary = async (
  input: Payload,
  options?: RunOptions,
): Promise<{ readonly result: DataDictionaryResult; readonly page: string }> => {
  const { result, artifacts } = await run({ operation: 'data_dictionary', ...input }, options);
  return {
    result: DataDictionaryResult.parse(result),
    page: artifacts.get('data-dictionary.md')?.content.toString() ?? '',
  };
};
