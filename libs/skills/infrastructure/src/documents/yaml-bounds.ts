// Bounds on a YAML text, checked before a parser sees it: its work grows with the square of the nesting.

/** A text beyond the bounds. */
export class YamlTooLarge extends Error {}

const maxDepth = 100;

/** Brackets open at the same time, quotes and comments not looked at: a bound from above, of twice the depth. */
const openBrackets = (text: string): number => {
  let [open, most] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '[' || character === '{') open += 1;
    else if ((character === ']' || character === '}') && open > 0) open -= 1;
    if (open > most) most = open;
  }
  return most;
};

/** Lists in lists on one line (`- - - x`), or keys (`? ? ? x`). */
const compactNesting = /(?:[-?][ \t]+){100}/;

/** More blanks before a text than a hundred levels of ten have. */
const deepIndentation = /^ {1000}/m;

export const boundsOf = {
  depth: maxDepth,
  /** @throws YamlTooLarge */
  check: (text: string): void => {
    if (openBrackets(text) > 10 * maxDepth || compactNesting.test(text) || deepIndentation.test(text))
      throw new YamlTooLarge(`More than ${maxDepth} levels`);
  },
};
