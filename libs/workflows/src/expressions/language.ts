// The two languages of expressions, bounded: CEL without regular expressions, and JSONPath (RFC 9535) without its functions
// that take them. Reading an expression is linear and may be done anywhere; evaluating it is for the thread alone.
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { JSONPathEnvironment, type JSONValue } from 'json-p3';

export const expressionLimits = {
  bytes: 1_024,
  astNodes: 1_000,
  /** Milliseconds of one evaluation. */
  timeMs: 100,
  resultBytes: 65_536,
  /** Values that a path may find. */
  values: 10_000,
} as const;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
  limits: { maxAstNodes: expressionLimits.astNodes, maxDepth: 100 },
});

const paths = new JSONPathEnvironment({ maxRecursionDepth: 100 });
for (const name of ['match', 'search']) paths.functionRegister.delete(name);

/** What an expression reads, or why it is refused. */
export type Reading =
  | {
      readonly kind: 'read';
      /** Steps and inputs that it names. */
      readonly steps: readonly string[];
      readonly inputs: readonly string[];
      /** Other names that it uses and does not bind itself. */
      readonly roots: readonly string[];
    }
  | { readonly kind: 'refused'; readonly detail: string };

const refused = (detail: string): Reading => ({ kind: 'refused', detail });

const messageOf = (error: unknown): string =>
  ((error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '').slice(0, 300);

const tooLong = (text: string): boolean => Buffer.byteLength(text) > expressionLimits.bytes;

interface Member {
  readonly of: 'steps' | 'inputs';
  readonly name: string;
}

/** What a node `steps.<name>`, `steps["<name>"]` or `inputs.<name>` reads. */
const memberOf = (node: ASTNode): Member | undefined => {
  if (node.op !== '.' && node.op !== '.?' && node.op !== '[]' && node.op !== '[?]') return undefined;
  const [from, key] = node.args;
  if (from.op !== 'id' || (from.args !== 'steps' && from.args !== 'inputs')) return undefined;
  if (typeof key === 'string') return { of: from.args, name: key };
  return key.op === 'value' && typeof key.args === 'string' ? { of: from.args, name: key.args } : undefined;
};

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value;

const childrenOf = (value: unknown): ASTNode[] =>
  isNode(value) ? [value] : Array.isArray(value) ? value.flatMap(childrenOf) : [];

const macros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** The name that a macro such as `list.map(x, x + 1)` or `cel.bind(x, 1, x)` binds. */
const boundBy = (node: ASTNode): string[] => {
  if (node.op !== 'rcall') return [];
  const [name, , [first]] = node.args;
  return (macros.has(name) || name === 'bind') && first?.op === 'id' ? [first.args] : [];
};

const isRegex = (node: ASTNode): boolean => (node.op === 'rcall' || node.op === 'call') && node.args[0] === 'matches';

interface Names {
  readonly steps: Set<string>;
  readonly inputs: Set<string>;
  readonly roots: Set<string>;
  readonly bound: Set<string>;
}

/** Adds what a node names. @returns the nodes below it that are still to be looked at */
const look = (node: ASTNode, names: Names): ASTNode[] => {
  const member = memberOf(node);
  if (member !== undefined) {
    names[member.of].add(member.name);
    return [];
  }
  for (const name of boundBy(node)) names.bound.add(name);
  if (node.op === 'id') names.roots.add(node.args);
  return node.op === 'value' ? [] : childrenOf(node.args);
};

export const readCel = (text: string): Reading => {
  if (tooLong(text)) return refused('It has more than 1 KB');
  try {
    const names: Names = { steps: new Set(), inputs: new Set(), roots: new Set(), bound: new Set() };
    const open: ASTNode[] = [environment.parse(text).ast];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (isRegex(node)) return refused('It uses `matches`: regular expressions are not allowed');
      open.push(...look(node, names));
    }
    if (names.roots.has('steps')) return refused('It must name the step whose result it reads: `steps.<name>`');
    const roots = [...names.roots].filter((name) => name !== 'inputs' && !names.bound.has(name));
    return { kind: 'read', steps: [...names.steps], inputs: [...names.inputs], roots };
  } catch (error) {
    return refused(messageOf(error));
  }
};

const startOfPath = /^\$(?:\.|\[["'])([a-z]+)(?:["']\])?(?:(?:\.|\[["'])([a-z][a-z0-9_]{0,39})(?![a-z0-9_]))?/;

export const readPath = (text: string): Reading => {
  if (tooLong(text)) return refused('It has more than 1 KB');
  try {
    const canonical = paths.compile(text).toString();
    const [, root, member] = startOfPath.exec(canonical) ?? [];
    if (root === undefined || canonical.indexOf('$', 1) !== -1)
      return refused('It must begin with $.inputs, $.steps.<name>, $.run, $.item or $.index, and name no other root');
    if (root === 'steps' && member === undefined)
      return refused('It must name the step whose result it reads: $.steps.<name>');
    const members = member === undefined ? [] : [member];
    if (root === 'steps') return { kind: 'read', steps: members, inputs: [], roots: [] };
    return root === 'inputs'
      ? { kind: 'read', steps: [], inputs: members, roots: [] }
      : { kind: 'read', steps: [], inputs: [], roots: [root] };
  } catch (error) {
    return refused(messageOf(error));
  }
};

/** JSON as CEL takes it: whole numbers are its integers, so that `rows * 2` is one. */
export const celValue = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
};

/** A result of CEL as JSON. @throws TypeError for what JSON does not have */
const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  throw new TypeError('Its result is no JSON value');
};

/** @param scope as `celValue` makes it. @throws what the expression does wrong */
export const evaluateCel = (text: string, scope: Record<string, unknown>): unknown =>
  plain(environment.evaluate(text, scope));

/** The one value that a path finds, or the list of them when it may find several; undefined: it finds nothing. */
export const evaluatePath = (text: string, scope: unknown): unknown => {
  const query = paths.compile(text);
  const found: unknown[] = [];
  for (const node of query.lazyQuery(scope as JSONValue)) {
    if (found.length === expressionLimits.values) throw new RangeError('It finds more than 10,000 values');
    found.push(node.value);
  }
  return query.singularQuery() ? found[0] : found;
};
