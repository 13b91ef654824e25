// The dialect of a CSV text.
/** How the first line of a CSV text is cut. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly columns: number;
}

const delimiters = [',', ';', '\t', '|'];

/** The first record without its quoted parts, which may hold delimiters and line breaks of their own. */
const barerHeader = (content: string): string => {
  let bare = '';
  let quoted = false;
  for (const char of content) {
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === '\n' || char === '\r')) break;
    else if (!quoted) bare += char;
  }
  return bare;
};

/**
 * Reads the delimiter off the header: the most frequent of comma, semicolon, tab and bar. DuckDB's own detection tries
 * to make sense of any text: of a file with one short line it silently made a single column.
 */
export const csvDialect = (content: string): CsvDialect => {
  const header = barerHeader(content);
  const [best] = delimiters
    .map((delimiter) => ({ delimiter, columns: header.split(delimiter).length }))
    .sort((one, other) => other.columns - one.columns);
  return best ?? { delimiter: ',', columns: 1 };
};
