// What in the definition of a tool persons would not see when they review it, or what speaks to the model instead of saying
// what the tool does. A model reads every text of a definition, also those within its schemas.

export const textWarnings = [
  'invisible_characters',
  'bidirectional_controls',
  'tag_characters',
  'control_characters',
  'mixed_scripts',
  'hidden_markup',
  'instructions',
  'encoded_text',
  'very_long',
] as const;
export type TextWarning = (typeof textWarnings)[number];

/** Longer than any description needs to be. */
const maxCharacters = 4_000;

// Zero-width characters, joiners, soft hyphens, invisible operators, fillers, variation selectors that no emoji uses.
const invisible =
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u3164\ufeff\uffa0]|[\u{e0100}-\u{e01ef}]/u;
// Text is shown in another order than it is read in. https://trojansource.codes
const bidirectional = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
// ASCII that no screen shows: https://www.unicode.org/charts/PDF/UE0000.pdf
const tags = /[\u{e0000}-\u{e007f}]/u;
const controls = /(?![\t\n\r])[\p{Cc}\p{Co}]/u;
const markup =
  /<!--|<\/?(?:important|system|secret|hidden|instructions?|assistant|user)\b[^>]{0,80}>|\[(?:system|inst)\]/i;
const speech =
  /\b(?:ignore|disregard|forget)\b.{0,40}\b(?:previous|prior|above|earlier|other|all)\b.{0,40}\b(?:instruction|prompt|rule|message|tool)|\b(?:do not|don't|never|without)\b.{0,30}\b(?:tell|telling|mention|mentioning|inform|informing|reveal|revealing|ask|asking)\b.{0,20}\buser\b|\b(?:before|instead of|prior to) (?:using|calling|invoking)\b.{0,60}\b(?:read|send|call|pass|include)\b|\bsystem prompt\b|\byou (?:must|should) (?:always|first|also)\b.{0,80}\b(?:read|send|include|pass|call)\b/i;
const encoded = /[A-Za-z0-9+/]{120,}={0,2}/;

const letters = {
  latin: /\p{Script=Latin}/u,
  foreign: /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u,
};

/** One word of letters that look alike but are of two scripts: a Cyrillic "а" in "pаypal". */
const mixesScripts = (text: string): boolean =>
  (text.match(/[\p{L}\p{M}]+/gu) ?? []).some((word) => letters.latin.test(word) && letters.foreign.test(word));

const found = (text: string): TextWarning[] => {
  const checks: readonly [TextWarning, boolean][] = [
    ['invisible_characters', invisible.test(text)],
    ['bidirectional_controls', bidirectional.test(text)],
    ['tag_characters', tags.test(text)],
    ['control_characters', controls.test(text)],
    ['mixed_scripts', mixesScripts(text)],
    ['hidden_markup', markup.test(text)],
    ['instructions', speech.test(text)],
    ['encoded_text', encoded.test(text)],
    ['very_long', text.length > maxCharacters],
  ];
  return checks.flatMap(([warning, isThere]) => (isThere ? [warning] : []));
};

/** All texts of a value, the names of members among them. Takes no stack. */
const textsIn = (root: unknown): string[] => {
  const texts: string[] = [];
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) {
      if (!Array.isArray(value)) texts.push(...Object.keys(value));
      open.push(...(Object.values(value) as unknown[]));
    }
  }
  return texts;
};

/** What is suspicious about the texts of a definition, each once. */
export const warningsOf = (definition: unknown): TextWarning[] => {
  const all = new Set(textsIn(definition).flatMap(found));
  return textWarnings.filter((warning) => all.has(warning));
};
