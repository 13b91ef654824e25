// The tables and functions that a query names, out of the syntax tree of PostgreSQL's own parser.

export interface NamesOfQuery {
  readonly tables: readonly { readonly schema: string | undefined; readonly name: string }[];
  /** Without their schema; also names of fields, since `row.name` may call a function. */
  readonly functions: readonly string[];
}

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** Every object of the tree, wherever it stands. */
const nodesIn = function* (value: unknown): Generator<Tree> {
  if (!isTree(value)) return;
  if (!Array.isArray(value)) yield value;
  for (const child of Object.values(value)) yield* nodesIn(child);
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The last of several names. */
const lastOf = (names: unknown): string | undefined => {
  const last: unknown = Array.isArray(names) ? names.at(-1) : undefined;
  const node = isTree(last) ? last['String'] : undefined;
  return isTree(node) ? textOf(node['sval']) : undefined;
};

/** What a node may call: a function by its name, or by that of a field of something. */
const functionOf = ({ funcname: called, indirection, fields }: Tree): string | undefined => {
  const isQualified = Array.isArray(fields) && fields.length > 1;
  return lastOf(called) ?? lastOf(indirection) ?? (isQualified ? lastOf(fields) : undefined);
};

const tableOf = ({ relname, schemaname }: Tree): NamesOfQuery['tables'] => {
  const name = textOf(relname);
  return name === undefined ? [] : [{ schema: textOf(schemaname), name }];
};

export const namesIn = (tree: unknown): NamesOfQuery => {
  const nodes = [...nodesIn(tree)];
  const functions = nodes.map(functionOf).filter((name) => name !== undefined);
  return { tables: nodes.flatMap(tableOf), functions: [...new Set(functions)] };
};
