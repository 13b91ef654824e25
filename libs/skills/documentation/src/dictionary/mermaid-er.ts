// Tables as an entity relationship diagram of Mermaid (https://mermaid.js.org/syntax/entityRelationshipDiagram.html).
import type { Column, ForeignKey, Table } from './dictionary.js';

const maxTables = 80;
const maxColumns = 40;

/** Mermaid takes letters, digits and underscores; another name is a comment beside. */
const identifier = (text: string): string => {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9_]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return /^[A-Za-z]/.test(plain) ? plain.slice(0, 60) : `x_${plain}`.slice(0, 60);
};

const quoted = (text: string): string =>
  text
    .replaceAll(/[^\p{L}\p{N} .,:_()/-]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 60);

/** Names that are unique in the diagram. */
const identifiersOf = (names: readonly string[]): Map<string, string> => {
  const used = new Set<string>();
  const found = new Map<string, string>();
  for (const name of names) {
    const plain = identifier(name);
    let unique = plain;
    for (let count = 2; used.has(unique.toLowerCase()); count += 1) unique = `${plain}_${count}`;
    used.add(unique.toLowerCase());
    found.set(name, unique);
  }
  return found;
};

const attribute = (table: Table, column: Column, name: string): string => {
  const marks = [
    ...(table.primaryKey?.includes(column.name) === true ? ['PK'] : []),
    ...(table.foreignKeys.some(({ columns }) => columns.includes(column.name)) ? ['FK'] : []),
    ...(column.unique === true && table.primaryKey?.includes(column.name) !== true ? ['UK'] : []),
  ];
  const comment = name === column.name ? '' : quoted(column.name);
  return `    ${identifier(column.type ?? 'unknown')} ${name}${marks.length === 0 ? '' : ` ${marks.join(', ')}`}${comment === '' ? '' : ` "${comment}"`}\n`;
};

const entity = (table: Table, name: string): string => {
  const names = identifiersOf(table.columns.map((column) => column.name));
  const shown = table.columns.slice(0, maxColumns);
  const more = table.columns.length - shown.length;
  const lines = shown.map((column) => attribute(table, column, names.get(column.name) ?? 'x'));
  const rest = more > 0 ? `    and ${more === 1 ? 'one' : 'several'}_more "${more} more columns"\n` : '';
  return `  ${name} {\n${lines.join('')}${rest}  }\n`;
};

/** Declared references are drawn through, observed ones dashed; the side of the key may be missing where a null may be. */
const relation = (table: Table, key: ForeignKey, names: ReadonlyMap<string, string>): string => {
  const columns = table.columns.filter(({ name }) => key.columns.includes(name));
  const always = columns.every(
    ({ nullable, measured }) => nullable === false || (nullable === undefined && measured?.nulls === 0),
  );
  const single = columns.length === 1 && columns[0]?.unique === true;
  const line = key.observed === undefined ? '--' : '..';
  return `  ${names.get(key.table) ?? identifier(key.table)} ${always ? '||' : '|o'}${line}${single ? 'o|' : 'o{'} ${names.get(table.name) ?? ''} : "${quoted(key.columns.join(', '))}"\n`;
};

/** @returns the text of the diagram, and how many tables it leaves out */
export const mermaidEr = (tables: readonly Table[]): { readonly text: string; readonly leftOut: number } => {
  const shown = tables.slice(0, maxTables);
  const names = identifiersOf(shown.map(({ name }) => name));
  const relations = shown.flatMap((table) =>
    table.foreignKeys.filter((key) => names.has(key.table)).map((key) => relation(table, key, names)),
  );
  const entities = shown.map((table) => entity(table, names.get(table.name) ?? 'x'));
  return { text: `erDiagram\n${entities.join('')}${relations.join('')}`, leftOut: tables.length - shown.length };
};
