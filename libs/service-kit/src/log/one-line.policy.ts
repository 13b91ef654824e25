const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

// JSON escapes only what lies below U+0020. These still end a line, or steer a terminal, in some viewers.
const unescapedByJson = /[\u007f-\u009f\u2028\u2029]/g;

/** Makes a line of JSON safe for viewers that know more control characters than JSON does. */
export const escapeControlsInJson = (line: string): string => line.replace(unescapedByJson, escaped);

/** Makes any text one line without control characters. */
export const oneLine = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\u2028\u2029]/gu, escaped);
