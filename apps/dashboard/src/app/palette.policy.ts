// How the palette finds: words in any order, the beginning of a word counts more than its middle.

/** How well a text fits what was typed; undefined: not at all. Higher is better. */
export const fitOf = (typed: string, text: string): number | undefined => {
  const haystack = text.toLowerCase();
  let score = 0;
  for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = haystack.indexOf(word);
    if (at < 0) return undefined;
    const isStart = at === 0 || /[\s:_\-/.]/.test(haystack.charAt(at - 1));
    score += (isStart ? 10 : 2) + word.length / haystack.length;
  }
  return score;
};

const nameShape = /^[a-z0-9][a-z0-9_.-]{0,99}$/;
const kinds = new Set(['dataset', 'datasets']);

/** How the name of a dataset may begin of which something was typed, alone or behind the word dataset; undefined: there is none. */
export const namePrefixOf = (typed: string): string | undefined => {
  const words = typed.trim().toLowerCase().split(/\s+/);
  const [first = '', second] = words;
  if (words.length > 2 || (second !== undefined && !kinds.has(first))) return undefined;
  const name = second ?? first;
  return nameShape.test(name) ? name : undefined;
};

const uuid = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i;

/** The id that was typed or pasted, in its usual form; undefined when it is none. */
export const idOf = (typed: string): string | undefined => {
  const text = typed.trim();
  if (!uuid.test(text)) return undefined;
  const hex = text.replaceAll('-', '').toLowerCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};
