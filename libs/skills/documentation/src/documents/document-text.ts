// A text of JSON or YAML as plain data.
import { checkBounds, documentBounds, DocumentTooLarge } from './bounded-value.js';
import { UnreadableText } from './unreadable-text.js';
import { readYaml } from './yaml-text.js';

const parsed = (text: string): unknown => {
  if (!/^\s*[[{]/.test(text)) return readYaml(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // YAML may begin with a brace too; when it is not YAML either, what is wrong as JSON is of more use.
    try {
      return readYaml(text);
    } catch (asYaml) {
      if (asYaml instanceof DocumentTooLarge) throw asYaml;
      throw new UnreadableText((error as Error).message, { cause: error });
    }
  }
};

/**
 * Reads JSON or YAML 1.2. Of a key that JSON has twice the last counts; in YAML it is refused.
 * @throws UnreadableText; DocumentTooLarge beyond `documentBounds`
 */
export const readDocumentText = (text: string): unknown => {
  if (text.length > documentBounds.characters)
    throw new DocumentTooLarge(`It has ${text.length} characters; ${documentBounds.characters} are the most`);
  const value = parsed(text.startsWith('\ufeff') ? text.slice(1) : text);
  checkBounds(value);
  return value;
};
