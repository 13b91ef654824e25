// Text measured without a browser.
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
const broad = /[A-ZMWmw@%—]|\p{Script=Ethiopic}|\p{Script=Myanmar}|\p{Script=Malayalam}|\p{Script=Sinhala}/u;
const narrow = /[iljtfrI.,:;'|!()[\] -]/;
const none = /\p{Mn}|\p{Default_Ignorable_Code_Point}/u;

// Fractions of the font size, slightly generous: measured on Arial.
const share = (char: string): number => {
  if (wide.test(char)) return 1;
  if (none.test(char)) return 0;
  if (broad.test(char)) return 0.74;
  return narrow.test(char) ? 0.34 : 0.57;
};

/** About how many pixels this text takes in Arial. */
export const textWidth = (text: string, fontSize: number): number =>
  Array.from(text).reduce((width, char) => width + share(char), 0) * fontSize;

const segmenter = new Intl.Segmenter();

/** What a reader calls characters: with their accents, emoji with all their parts. */
const characters = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment);

/** Longer than any line: only so much of a text is looked at, for it may have megabytes. */
const maxCharacters = 2_000;

const isWider = (text: string, fontSize: number, maxWidth: number): boolean => {
  let width = 0;
  for (const char of text) {
    width += share(char) * fontSize;
    if (width > maxWidth) return true;
  }
  return false;
};

/** The text itself, or as much of it as fits, with an ellipsis. */
export const shorten = (text: string, fontSize: number, maxWidth: number): string => {
  if (!isWider(text, fontSize, maxWidth)) return text;
  const room = maxWidth - textWidth('…', fontSize);
  let kept = '';
  let width = 0;
  for (const { segment } of segmenter.segment(text.slice(0, maxCharacters))) {
    width += textWidth(segment, fontSize);
    if (kept !== '' && width > room) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
};

/** A word in pieces that fit: Chinese has no blanks. */
const pieces = (word: string, fits: (line: string) => boolean): string[] => {
  if (fits(word)) return [word];
  return characters(word).reduce<string[]>((soFar, char) => {
    const last = soFar.at(-1);
    return last !== undefined && fits(last + char) ? [...soFar.slice(0, -1), last + char] : [...soFar, char];
  }, []);
};

const addWord = (lines: readonly string[], word: string, fits: (line: string) => boolean): string[] => {
  const [first = '', ...more] = pieces(word, fits);
  const last = lines.at(-1);
  if (last === undefined) return [first, ...more];
  const longer = `${last} ${first}`;
  return fits(longer) ? [...lines.slice(0, -1), longer, ...more] : [...lines, first, ...more];
};

/** Breaks a text between words, and long words within, into at most so many lines; what is left over is shortened away. */
export const wrap = (text: string, fontSize: number, maxWidth: number, maxLines: number): string[] => {
  const fits = (line: string): boolean => !isWider(line, fontSize, maxWidth);
  const lines = text
    .slice(0, maxCharacters)
    .split(/\s+/)
    .filter((word) => word !== '')
    .reduce<string[]>((soFar, word) => addWord(soFar, word, fits), []);
  const kept = lines.slice(0, maxLines - 1);
  const rest = lines.slice(maxLines - 1).join(' ');
  return [...kept, ...(rest === '' ? [] : [rest])].map((line) => shorten(line, fontSize, maxWidth));
};
