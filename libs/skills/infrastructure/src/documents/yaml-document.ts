// YAML from outside as plain data, with the line of every part of it. Aliases and merges (`<<`) are resolved within bounds.
import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

import { boundsOf, YamlTooLarge } from './yaml-bounds.js';
import { readDifferently } from './yaml-words.policy.js';

export type Key = string | number;
export type Path = readonly Key[];

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface YamlProblem extends Position {
  readonly rule: 'yaml-syntax' | 'yaml-duplicate-key' | 'yaml-reserved-key' | 'yaml-too-large' | 'yaml-boolean-word';
  readonly message: string;
}

/** One document of a YAML text. */
export interface YamlDocument {
  /** Name of the text that it is from. */
  readonly source: string;
  /** Objects have no prototype, so that a key such as `__proto__` is a key like any other. */
  readonly value: unknown;
  /** Where the value of a path begins; of what is not there, the nearest thing above it that is. */
  readonly at: (path: Path) => Position;
  /** Where the key of a path stands, or the item of a list. */
  readonly keyAt: (path: Path) => Position;
}

export interface ParsedYaml {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly YamlProblem[];
}

/** Parts of a text, counted with those that aliases repeat. */
const maxNodes = 200_000;
const maxProblems = 200;

/** Values and positions of one document. */
class Reader {
  readonly problems: YamlProblem[] = [];
  private nodes = 0;
  // Aliases are resolved here, in the order of the text: the parser's own way looks through the whole document for each.
  private readonly anchors = new Map<string, Node>();
  private readonly anchored = new WeakSet<Node>();
  private readonly aliases = new WeakMap<Alias, Node>();

  constructor(
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
    private readonly source: string,
  ) {}

  read(): YamlDocument {
    const root = this.document.contents;
    return {
      source: this.source,
      value: this.valueOf(root, 0),
      at: (path) => this.positionOf(this.find(root, path).value),
      keyAt: (path) => {
        const { key, value } = this.find(root, path);
        return this.positionOf(key ?? value);
      },
    };
  }

  positionAt(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  private positionOf(node: Node | null | undefined): Position {
    return this.positionAt(node?.range?.[0] ?? this.document.range[0]);
  }

  private report(rule: YamlProblem['rule'], node: Node, message: string): void {
    if (this.problems.length < maxProblems) this.problems.push({ rule, message, ...this.positionOf(node) });
  }

  private valueOf(node: Node | null, depth: number): unknown {
    this.nodes += 1;
    if (this.nodes > maxNodes) throw new YamlTooLarge(`More than ${maxNodes} values, those of aliases included`);
    if (depth > boundsOf.depth) throw new YamlTooLarge(`More than ${boundsOf.depth} levels`);
    if (isAlias(node)) return this.valueOf(this.resolved(node), depth + 1);
    this.noteAnchor(node);
    if (isMap(node)) return this.mapOf(node, depth);
    if (isSeq(node)) return this.listOf(node, depth);
    if (!isScalar(node)) return null;
    this.checkWord(node);
    return typeof node.value === 'bigint' ? node.value.toString() : (node.value ?? null);
  }

  // Once: a node that an alias repeats does not set its anchor again.
  private noteAnchor(node: Node | null): void {
    if (!(isScalar(node) || isCollection(node)) || !node.anchor || this.anchored.has(node)) return;
    this.anchored.add(node);
    this.anchors.set(node.anchor, node);
  }

  private resolved(alias: Alias): Node | null {
    const node = this.aliases.get(alias) ?? this.anchors.get(alias.source);
    if (node !== undefined) this.aliases.set(alias, node);
    else this.report('yaml-syntax', alias, `There is no anchor "${alias.source}" before this alias`);
    return node ?? null;
  }

  private checkWord(node: Node): void {
    if (!isScalar(node) || node.type !== 'PLAIN' || node.source === undefined) return;
    const as = readDifferently(node.source);
    if (as !== undefined)
      this.report('yaml-boolean-word', node, `${node.source} is ${as} to readers of YAML 1.1; write '${node.source}'`);
  }

  private listOf(node: YAMLSeq, depth: number): unknown[] {
    return node.items.map((item) => this.valueOf(item as Node | null, depth + 1));
  }

  private mapOf(node: YAMLMap, depth: number): Record<string, unknown> {
    const own = Object.create(null) as Record<string, unknown>;
    const merged: Record<string, unknown>[] = [];
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = this.keyOf(pair);
      if (isMerge(pair)) merged.push(...this.mergedOf(pair.value, depth));
      else if (Object.hasOwn(own, key)) this.report('yaml-duplicate-key', pair.key, `The key "${key}" is there twice`);
      else own[key] = this.valueOf(pair.value, depth + 1);
    }
    // What stands in the map itself comes first, then the maps that are merged, in their order.
    const all = Object.create(null) as Record<string, unknown>;
    for (const map of [own, ...merged]) for (const key of Object.keys(map)) if (!(key in all)) all[key] = map[key];
    return all;
  }

  private mergedOf(value: Node | null, depth: number): Record<string, unknown>[] {
    const resolved = this.valueOf(value, depth + 1);
    const maps: unknown[] = Array.isArray(resolved) ? resolved : [resolved];
    const usable = maps.filter(isPlainMap);
    if (value !== null && usable.length < maps.length) this.report('yaml-syntax', value, 'Only maps can be merged');
    return usable;
  }

  private keyOf({ key }: Pair<Node, Node | null>): string {
    if (isScalar(key)) {
      this.checkWord(key);
      if (key.value === '__proto__') this.report('yaml-reserved-key', key, 'No such format has a key __proto__');
      return typeof key.value === 'symbol' ? '<<' : String(key.value);
    }
    this.report('yaml-syntax', key, 'A key must be a text');
    return '';
  }

  private find(root: Node | null, path: Path): { readonly key?: Node; readonly value: Node | null } {
    let found: { key?: Node; value: Node | null } = { value: root };
    for (const key of path) {
      const next = this.step(found.value, key);
      if (next === undefined) return found;
      found = next;
    }
    return found;
  }

  private step(from: Node | null, key: Key): { key?: Node; value: Node | null } | undefined {
    const node = isAlias(from) ? (this.aliases.get(from) ?? null) : from;
    if (isSeq(node)) {
      const item = node.items[Number(key)] as Node | undefined;
      return item === undefined ? undefined : { value: item };
    }
    if (!isMap(node)) return undefined;
    const pairs = node.items as Pair<Node, Node | null>[];
    const pair = pairs.find((one) => isPair(one) && isScalar(one.key) && String(one.key.value) === String(key));
    if (pair !== undefined) return { key: pair.key, value: pair.value ?? pair.key };
    return this.stepIntoMerged(pairs.filter(isMerge), key);
  }

  private stepIntoMerged(merges: readonly Pair<Node, Node | null>[], key: Key): ReturnType<Reader['step']> {
    for (const { value } of merges) {
      const maps = isSeq(value) ? (value.items as Node[]) : [value];
      for (const map of maps) {
        const found = this.step(map, key);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

const isPlainMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isMerge = ({ key }: Pair<Node, Node | null>): boolean =>
  isScalar(key) && (key.value === '<<' || typeof key.value === 'symbol') && key.type === 'PLAIN';

const options = {
  // Checked while reading: the parser's own check compares each key with each other one.
  uniqueKeys: false,
  // Else each error costs a look at the whole text.
  prettyErrors: false,
  logLevel: 'silent',
  version: '1.2',
  stringKeys: false,
} as const;

const readOne = (document: Document.Parsed, reader: Reader, result: Building): void => {
  const errors = document.errors.slice(0, maxProblems).map((error) => ({
    rule: 'yaml-syntax' as const,
    message: error.message.slice(0, 300),
    ...reader.positionAt(error.pos[0]),
  }));
  result.problems.push(...errors);
  if (errors.length > 0) return;
  const read = reader.read();
  result.problems.push(...reader.problems);
  if (read.value !== null) result.documents.push(read);
};

interface Building {
  readonly documents: YamlDocument[];
  readonly problems: YamlProblem[];
}

const tooLarge = (error: unknown): YamlProblem => {
  // The parser calls itself for each level of nesting.
  if (!(error instanceof YamlTooLarge || error instanceof RangeError)) throw error;
  const message = error instanceof YamlTooLarge ? error.message : `More than ${boundsOf.depth} levels`;
  return { rule: 'yaml-too-large', message, line: 1, column: 1 };
};

/**
 * Reads a text of one or more YAML documents (JSON is one). Never throws because of the text.
 * @param source its name
 */
export const parseYaml = (text: string, source: string): ParsedYaml => {
  const result: Building = { documents: [], problems: [] };
  const lines = new LineCounter();
  try {
    boundsOf.check(text);
    const documents = [...parseAllDocuments(text, { ...options, lineCounter: lines })] as Document.Parsed[];
    for (const document of documents) readOne(document, new Reader(document, lines, source), result);
  } catch (error) {
    result.problems.push(tooLarge(error));
  }
  return result;
};
