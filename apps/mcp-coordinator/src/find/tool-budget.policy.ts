// How much of a model's context definitions of tools take, and how many fit.

/** Characters of JSON that are a token of any current model, from below: a definition is never larger than it is counted. */
const charactersPerToken = 3;

export const tokensOf = (value: unknown): number => Math.ceil(JSON.stringify(value).length / charactersPerToken);

/**
 * The first ones that fit together. One that is too large for what is left is passed over, so that a smaller one after it is
 * not lost.
 */
export const fitting = <T>(all: readonly T[], maxTokens: number): T[] => {
  let left = maxTokens;
  return all.filter((one) => {
    const tokens = tokensOf(one);
    if (tokens > left) return false;
    left -= tokens;
    return true;
  });
};
