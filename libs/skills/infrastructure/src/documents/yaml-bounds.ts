// Bounds on a YAML text, checked before the parser sees it: that calls itself for each level, and looks at all levels for each line.

/** A text beyond the bounds. */
export class YamlTooLarge extends Error {}

const maxDepth = 100;

/** Brackets open at the same time. Those in quotes and comments count too, so that the bound is ten times the depth. */
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
