// A text with all that a screen would hide: zero-width characters, changes of direction, tags, controls, and letters of other
// scripts that look like Latin ones. A person who reviews a definition sees what a model reads.

export interface TextPart {
  readonly text: string;
  /** Whether it stands for something that would not be seen, or be taken for something else. */
  readonly isHidden: boolean;
}

// As the coordinator looks for them (hidden-text.policy.ts), and all other controls and private characters.
const hidden =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3164\ufe00-\ufe0e\ufeff\uffa0]|[\u{e0000}-\u{e01ef}]|(?![\t\n\r])[\p{Cc}\p{Co}]/u;
const foreign = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;
const latin = /\p{Script=Latin}/u;

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Of characters one after the other that are shown alike, one part. */
const joined = (parts: readonly TextPart[]): TextPart[] => {
  const all: TextPart[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (last?.isHidden === part.isHidden) all[all.length - 1] = { ...part, text: last.text + part.text };
    else all.push(part);
  }
  return all;
};

const partOf = (character: string, isMixed: boolean): TextPart => {
  if (hidden.test(character)) return { text: `[${codeOf(character)}]`, isHidden: true };
  const misleads = isMixed && foreign.test(character);
  return misleads
    ? { text: `${character}[${codeOf(character)}]`, isHidden: true }
    : { text: character, isHidden: false };
};

/** The parts of a text, in their order. */
export const partsOf = (text: string): TextPart[] =>
  joined(
    text.split(/([\p{L}\p{M}]+)/u).flatMap((word) => {
      const isMixed = latin.test(word) && foreign.test(word);
      // By code points: each is one character to a model.
      return Array.from(word, (character) => partOf(character, isMixed));
    }),
  );
