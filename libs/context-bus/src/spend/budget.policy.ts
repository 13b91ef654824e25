// Budgets as numbers: which limits hold, what is left of them, and what of it one call may use.
import { affordableOutput, type ModelsEnv, type Price } from '@pulser/models';

/** Whose money: of a task, of the tree that it belongs to, of its tenant in a day. In the order in which rows are locked. */
export const budgetScopes = ['task', 'tree', 'day'] as const;
export type BudgetScope = (typeof budgetScopes)[number];

/** How much, of what models cost. */
export interface Amount {
  /** Micro-dollars. */
  readonly micros: number;
  readonly tokens: number;
  /** Requests to models. */
  readonly calls: number;
}

export type BudgetLimits = Readonly<Record<BudgetScope, Amount>>;

/** What is spent and reserved of a budget, by scope; a budget that nothing was taken of is not there. */
export type BudgetUse = Readonly<Partial<Record<BudgetScope, Amount>>>;

/** The limits of the installation. */
export const installationLimits = (env: ModelsEnv): BudgetLimits => ({
  task: { micros: env.LLM_TASK_MAX_USD, tokens: env.LLM_TASK_MAX_TOKENS, calls: env.LLM_TASK_MAX_CALLS },
  tree: { micros: env.LLM_TREE_MAX_USD, tokens: env.LLM_TREE_MAX_TOKENS, calls: env.LLM_TREE_MAX_CALLS },
  day: { micros: env.LLM_DAY_MAX_USD, tokens: env.LLM_DAY_MAX_TOKENS, calls: env.LLM_DAY_MAX_CALLS },
});

/** Limits as a tenant or a payload has them. */
export interface WantedLimit {
  readonly usd?: number | undefined;
  readonly tokens?: number | undefined;
  readonly calls?: number | undefined;
}
export type WantedLimits = Readonly<Partial<Record<BudgetScope, WantedLimit | undefined>>>;

const lower = (limit: Amount, { usd, tokens, calls }: WantedLimit = {}): Amount => ({
  micros: Math.min(limit.micros, usd === undefined ? Infinity : Math.round(usd * 1_000_000)),
  tokens: Math.min(limit.tokens, tokens ?? Infinity),
  calls: Math.min(limit.calls, calls ?? Infinity),
});

/** Nobody may raise a limit of who stands above: each takes the lower one. */
export const lowered = (limits: BudgetLimits, ...wanted: readonly WantedLimits[]): BudgetLimits =>
  wanted.reduce<BudgetLimits>(
    (so, { task, tree, day }) => ({ task: lower(so.task, task), tree: lower(so.tree, tree), day: lower(so.day, day) }),
    limits,
  );

const nothing: Amount = { micros: 0, tokens: 0, calls: 0 };

const leftIn = (limit: Amount, used: Amount = nothing): Amount => ({
  micros: Math.max(0, limit.micros - used.micros),
  tokens: Math.max(0, limit.tokens - used.tokens),
  calls: Math.max(0, limit.calls - used.calls),
});

const leastOf = (one: Amount, other: Amount): Amount => ({
  micros: Math.min(one.micros, other.micros),
  tokens: Math.min(one.tokens, other.tokens),
  calls: Math.min(one.calls, other.calls),
});

/** What is left of all three together. */
export const leftOf = (limits: BudgetLimits, use: BudgetUse): Amount =>
  budgetScopes.map((scope) => leftIn(limits[scope], use[scope])).reduce(leastOf);

/** Fewer are no answer. */
const minOutputTokens = 16;

/**
 * The output tokens that a call may ask for: what is wanted, or what is left.
 * @param input tokens of the request, from above
 * @returns undefined when not enough is left
 */
export const allowedOutput = (left: Amount, input: number, wanted: number, price: Price): number | undefined => {
  const output = Math.min(wanted, left.tokens - input, affordableOutput(left.micros, input, price));
  return left.calls < 1 || output < Math.min(minOutputTokens, wanted) ? undefined : output;
};

/** The scope and the kind of amount that has the least left, for a message. */
export const exhausted = (limits: BudgetLimits, use: BudgetUse, needed: Amount): string => {
  for (const scope of budgetScopes) {
    const left = leftIn(limits[scope], use[scope]);
    for (const kind of ['calls', 'micros', 'tokens'] as const) if (left[kind] < needed[kind]) return `${scope}.${kind}`;
  }
  return 'day.micros';
};

/** From this share on a budget is nearly used. */
export const warnShare = 0.8;

const share = (used: number, limit: number): number => (limit === 0 ? 1 : used / limit);

/** The largest share of its limits that is used. */
export const usedShare = (limit: Amount, used: Amount): number =>
  Math.max(share(used.micros, limit.micros), share(used.tokens, limit.tokens), share(used.calls, limit.calls));
