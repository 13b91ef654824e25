// Text measured without a browser.
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u;
const broad = /[A-ZMWmw@%]/;
const narrow = /[iljtfrI.,:;'|!()[\] -]/;

// Fractions of the font size, slightly generous: measured on Arial.
const share = (char: string): number => {
  if (wide.test(char)) return 1;
  if (broad.test(char)) return 0.74;
  return narrow.test(char) ? 0.34 : 0.57;
};

/** About how many pixels this text takes in Arial. */
export const textWidth = (text: string, fontSize: number): number =>
  Array.from(text).reduce((width, char) => width + share(char), 0) * fontSize;

/** The text itself, or as much of it as fits, with an ellipsis. */
export const shorten = (text: string, fontSize: number, maxWidth: number): string => {
  if (textWidth(text, fontSize) <= maxWidth) return text;
  const chars = Array.from(text);
  while (chars.length > 1 && textWidth(`${chars.join('')}…`, fontSize) > maxWidth) chars.pop();
  return `${chars.join('').trimEnd()}…`;
};

const addWord = (lines: readonly string[], word: string, fits: (line: string) => boolean): string[] => {
  const last = lines.at(-1);
  if (last === undefined) return [word];
  const longer = `${last} ${word}`;
  return fits(longer) ? [...lines.slice(0, -1), longer] : [...lines, word];
};

/** Breaks a text between words into at most so many lines; what is left over is shortened away. */
export const wrap = (text: string, fontSize: number, maxWidth: number, maxLines: number): string[] => {
  const fits = (line: string): boolean => textWidth(line, fontSize) <= maxWidth;
  const lines = text
    .split(/\s+/)
    .filter((word) => word !== '')
    .reduce<string[]>((soFar, word) => addWord(soFar, word, fits), []);
  const kept = lines.slice(0, maxLines - 1);
  const rest = lines.slice(maxLines - 1).join(' ');
  return [...kept, ...(rest === '' ? [] : [rest])].map((line) => shorten(line, fontSize, maxWidth));
};
