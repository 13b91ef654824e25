import { operation } from '@pulser/agent-runtime/skill';
import semver from 'semver';

import { documentOf } from '../documents/document-input.js';
import { documentationErrors } from '../documents/documentation-errors.js';
import { textAt } from '../openapi/json-node.js';
import { OpenApiDocument } from '../openapi/openapi-document.js';
import { apiChangesExample, ApiChangesInput, type ApiChangesResult, type ChangeView } from './api-changes-contract.js';
import { canonical } from './canonical.js';
import type { Change, ChangeReport } from './change-report.js';
import { type Level, levels, ruleOf } from './change-rules.js';
import { changesPage } from './changes-page.js';
import { nextVersion, type Release } from './next-version.policy.js';
import { compareDescriptions } from './operation-changes.js';

// The operation `api_changes`: what becomes of clients when one description of an API replaces another one.

const maxChanges = 1_000;
const maxUnjudged = 200;

const viewOf = ({ rule, level, operation: name, what, before, after }: Change): ChangeView => ({
  rule,
  level,
  operation: name ?? null,
  what,
  why: ruleOf(rule).why,
  before,
  after,
});

const countBy = (changes: readonly ChangeView[]): Record<string, number> => {
  const groups = Map.groupBy(changes, ({ rule }) => rule);
  return Object.fromEntries([...groups].map(([rule, list]) => [rule, list.length]));
};

const releaseOf = (changes: readonly ChangeView[], differs: boolean): Release => {
  const has = (level: Level): boolean => changes.some((one) => one.level === level);
  if (has('breaking')) return 'major';
  if (has('minor')) return 'minor';
  return differs ? 'patch' : 'none';
};

const inWords = (counts: Readonly<Record<Level, number>>, unjudged: number, release: Release): string => {
  if (release === 'none') return 'Nothing changes';
  const open = unjudged === 0 ? '' : `; ${unjudged} differences are not judged`;
  return `${counts.breaking} breaking changes, ${counts.minor} compatible ones${open}`;
};

const versionsOf = (before: OpenApiDocument, after: OpenApiDocument, release: Release): ApiChangesResult['version'] => {
  const [was, is] = [before, after].map((one) => textAt(one.root['info'], 'version'));
  const next = nextVersion(was, release);
  const parsed = semver.parse(is?.replace(/^v/, '') ?? '');
  return {
    before: was ?? null,
    after: is ?? null,
    next,
    enough: next === null || parsed === null ? null : semver.gte(parsed, next),
  };
};

const resultOf = (
  before: OpenApiDocument,
  after: OpenApiDocument,
  changes: ChangeView[],
  report: ChangeReport,
): ApiChangesResult => {
  const { unjudged } = report;
  const release = releaseOf(changes, canonical(before.root) !== canonical(after.root));
  const counts = Object.fromEntries(
    levels.map((level) => [level, changes.filter((one) => one.level === level).length]),
  ) as Record<Level, number>;
  return {
    summary: inWords(counts, unjudged.length, release),
    breaking: counts.breaking,
    minor: counts.minor,
    by_rule: countBy(changes),
    changes: changes.slice(0, maxChanges),
    changes_left_out: Math.max(0, changes.length - maxChanges),
    not_judged: unjudged.slice(0, maxUnjudged).map((one) => ({ ...one })),
    not_judged_count: unjudged.length,
    release,
    version: versionsOf(before, after, release),
  };
};

/** Says what a change of an API breaks. */
export const apiChanges = operation({
  name: 'api_changes',
  summary: 'Compares two OpenAPI descriptions: what breaks clients and why, the next version, and a page of changes',
  input: ApiChangesInput,
  example: apiChangesExample,
  errors: documentationErrors,
  handle: async (input, context): Promise<ApiChangesResult> => {
    const [was, is] = [await documentOf(input.before, context), await documentOf(input.after, context)];
    const [before, after] = [new OpenApiDocument(was.name, was.value), new OpenApiDocument(is.name, is.value)];
    context.progress(30, 'Both documents are read');
    const report = compareDescriptions(before, after);
    const order = (one: ChangeView): number => levels.indexOf(one.level);
    const changes = report.changes.map(viewOf).sort((a, b) => order(a) - order(b));
    const result = resultOf(before, after, changes, report);
    context.progress(80, 'The documents are compared');
    await context.artifact('changes.md', 'text/markdown', Buffer.from(changesPage(after.title, result, changes)));
    await context.artifact('changes.json', 'application/json', Buffer.from(JSON.stringify(changes)));
    return result;
  },
});
