// Whether a pull request may be merged: the checks and the rules of its base branch, read before GitHub is asked to merge.
import type { Check } from './checks.js';

export const mergeMethods = ['merge', 'squash', 'rebase'] as const;
export type MergeMethod = (typeof mergeMethods)[number];

export interface BranchRules {
  readonly requiredChecks: readonly string[];
  readonly requiredApprovals: number;
  readonly allowedMethods: readonly string[];
  readonly mergeQueue: boolean;
}

export interface Review {
  readonly author: string;
  readonly state: string;
}

export interface MergeFacts {
  readonly draft: boolean;
  /** Null: GitHub has not worked it out yet. */
  readonly mergeable: boolean | null;
  /** GitHub's own verdict. */
  readonly mergeableState: string;
  readonly method: MergeMethod;
  readonly checks: readonly Check[];
  readonly checksComplete: boolean;
  readonly rules: BranchRules;
  /** Oldest first. */
  readonly reviews: readonly Review[];
}

/** A rule of a ruleset as GitHub lists it for a branch. */
export interface ListedRule {
  readonly type?: string;
  readonly parameters?: object;
}

const parameter = (rule: ListedRule, name: string): unknown =>
  (rule.parameters as Record<string, unknown> | undefined)?.[name];

const contextsOf = (rule: ListedRule): readonly string[] => {
  const checks = parameter(rule, 'required_status_checks');
  return Array.isArray(checks) ? checks.map((check: { readonly context: string }) => check.context) : [];
};

const methodsOf = (rule: ListedRule): readonly string[] => {
  const methods = parameter(rule, 'allowed_merge_methods');
  const listed = Array.isArray(methods) ? (methods as readonly string[]) : mergeMethods;
  return rule.type === 'required_linear_history' ? listed.filter((method) => method !== 'merge') : listed;
};

/** All rules that apply to a branch, as one; the strictest counts. @param contexts of the classic branch protection */
export const branchRules = (rules: readonly ListedRule[], contexts: readonly string[]): BranchRules => ({
  requiredChecks: [...new Set([...contexts, ...rules.flatMap(contextsOf)])],
  requiredApprovals: Math.max(
    0,
    ...rules.map((rule) => Number(parameter(rule, 'required_approving_review_count') ?? 0)),
  ),
  allowedMethods: mergeMethods.filter((method) => rules.every((rule) => methodsOf(rule).includes(method))),
  mergeQueue: rules.some(({ type }) => type === 'merge_queue'),
});

// The latest word of each reviewer; a comment changes nothing.
const verdicts = (reviews: readonly Review[]): readonly Review[] => {
  const said = reviews.filter(({ state }) => ['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(state));
  return [...new Map(said.map((review) => [review.author, review])).values()];
};

const checkObstacles = ({ checks, checksComplete, rules }: MergeFacts): readonly string[] => {
  const names = new Set(checks.map(({ name }) => name));
  return [
    ...checks
      .filter(({ outcome }) => outcome !== 'passed')
      .map(({ name, outcome, detail }) => `check ${name} is ${outcome} (${detail})`),
    ...rules.requiredChecks.filter((name) => !names.has(name)).map((name) => `required check ${name} has not reported`),
    ...(checksComplete ? [] : ['there are more checks than could be read']),
  ];
};

const reviewObstacles = ({ rules, reviews }: MergeFacts): readonly string[] => {
  if (rules.requiredApprovals === 0) return [];
  const latest = verdicts(reviews);
  const approvals = latest.filter(({ state }) => state === 'APPROVED').length;
  const against = latest.filter(({ state }) => state === 'CHANGES_REQUESTED');
  return [
    ...(approvals < rules.requiredApprovals ? [`${approvals} of ${rules.requiredApprovals} required approvals`] : []),
    ...against.map(({ author }) => `${author} has requested changes`),
  ];
};

const states: Readonly<Record<string, string>> = {
  behind: 'the head is behind its base, which has to be merged into it first',
  dirty: 'it conflicts with its base',
  blocked: 'the rules of the base branch do not allow it, for a reason that the credential cannot read',
  unstable: 'GitHub says that checks of the head do not pass',
  draft: 'it is a draft',
};

const stateObstacle = ({ mergeable, mergeableState }: MergeFacts): string | undefined =>
  mergeable === false ? states['dirty'] : states[mergeableState];

/** Why not, in words; none: it may be merged. */
export const mergeObstacles = (facts: MergeFacts): readonly string[] => {
  const { draft, method, rules, mergeableState } = facts;
  const found = [
    ...(draft ? ['it is a draft'] : []),
    ...checkObstacles(facts),
    ...reviewObstacles(facts),
    ...(rules.mergeQueue ? ['the base branch takes changes by a merge queue'] : []),
    ...(rules.allowedMethods.includes(method) ? [] : [`the base branch does not allow the method ${method}`]),
  ];
  // GitHub's verdict names no reason: it counts where nothing else explains it, and for what only it knows.
  const known = found.length > 0 && !['behind', 'dirty'].includes(mergeableState) && facts.mergeable !== false;
  const state = known ? undefined : stateObstacle(facts);
  return state === undefined || found.includes(state) ? found : [...found, state];
};
