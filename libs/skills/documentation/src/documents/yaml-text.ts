// A text of YAML 1.2 as plain data. Aliases give the very object that they stand for, so that nothing is copied.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';

import { documentBounds, DocumentTooLarge } from './bounded-value.js';
import { UnreadableText } from './unreadable-text.js';

const options = {
  // Found below: the parser compares each key with all others.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
  version: '1.2',
  stringKeys: false,
} as const;

// Lists in lists on one line, and blanks of more levels than there may be: the parser looks at all levels for each line.
const tooDeep = /(?:[-?][ \t]+){200}|(?:[[{][ \t]*\n?[ \t]*){200}|^ {2000}/m;

/** Members that `<<` copies. */
const maxMerged = 500_000;

class Reader {
  // In the order of the text: the parser's own way looks through the whole document for each alias.
  private readonly anchors = new Map<string, unknown>();
  private merged = 0;

  constructor(private readonly lineOf: (node: Node) => number) {}

  valueOf(node: Node | null, depth: number): unknown {
    if (depth > documentBounds.depth) throw new DocumentTooLarge(`It has more than ${documentBounds.depth} levels`);
    if (isAlias(node)) return this.resolved(node.source, node);
    if (isMap(node)) return this.mapOf(node, depth);
    if (isSeq(node)) {
      const list: unknown[] = [];
      this.note(node.anchor, list);
      for (const item of node.items) list.push(this.valueOf(item as Node | null, depth + 1));
      return list;
    }
    const value = isScalar(node) ? node.value : null;
    const plain = typeof value === 'bigint' ? value.toString() : value;
    if (isScalar(node)) this.note(node.anchor, plain);
    return plain;
  }

  private note(anchor: string | undefined, value: unknown): void {
    if (anchor !== undefined) this.anchors.set(anchor, value);
  }

  private resolved(anchor: string, node: Node): unknown {
    if (this.anchors.has(anchor)) return this.anchors.get(anchor);
    throw new UnreadableText(`There is no anchor "${anchor.slice(0, 50)}" before line ${this.lineOf(node)}`);
  }

  private mapOf(node: YAMLMap, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    const merged: unknown[] = [];
    this.note(node.anchor, map);
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = isScalar(pair.key) ? String(pair.key.value) : undefined;
      if (key === undefined) throw new UnreadableText(`The key in line ${this.lineOf(pair.key)} is no text`);
      // No part of YAML 1.2, but of many documents.
      if (key === '<<') merged.push(this.valueOf(pair.value, depth + 1));
      else if (Object.hasOwn(map, key))
        throw new UnreadableText(
          `The key "${key.slice(0, 100)}" is there twice, again in line ${this.lineOf(pair.key)}`,
        );
      else setMember(map, key, this.valueOf(pair.value, depth + 1));
    }
    for (const source of merged.flat()) this.merge(map, source, node);
    return map;
  }

  // What stands in the map itself comes first, then the maps that are merged, in their order.
  private merge(map: Record<string, unknown>, source: unknown, node: Node): void {
    if (typeof source !== 'object' || source === null || Array.isArray(source))
      throw new UnreadableText(`What is merged in the map of line ${this.lineOf(node)} is no map`);
    const entries = Object.entries(source);
    this.merged += entries.length;
    if (this.merged > maxMerged) throw new DocumentTooLarge(`It merges more than ${maxMerged} members into maps`);
    for (const [key, value] of entries) if (!Object.hasOwn(map, key)) setMember(map, key, value);
  }
}

// As JSON.parse does: a key such as `__proto__` is one like any other.
const setMember = (map: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
};

/** Line of an offset, counted when it is needed. */
const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/**
 * @throws UnreadableText with the line of what is wrong; DocumentTooLarge when it is nested too deeply
 */
export const readYaml = (text: string): unknown => {
  if (text.length > documentBounds.yamlCharacters)
    throw new DocumentTooLarge(
      `It has ${text.length} characters; of YAML ${documentBounds.yamlCharacters} are the most, of JSON ${documentBounds.characters}`,
    );
  if (tooDeep.test(text)) throw new DocumentTooLarge(`It has more than ${documentBounds.depth} levels`);
  try {
    const [document, second] = parseAllDocuments(text, options) as Document.Parsed[];
    if (document === undefined) throw new UnreadableText('It holds nothing');
    if (second !== undefined) throw new UnreadableText('It holds several documents; one is wanted');
    const [error] = document.errors;
    if (error !== undefined) throw new UnreadableText(`${error.message} in line ${lineAt(text, error.pos[0])}`);
    return new Reader((node) => lineAt(text, node.range?.[0] ?? 0)).valueOf(document.contents, 0);
  } catch (error) {
    // The parser calls itself for each level.
    if (error instanceof RangeError) throw new DocumentTooLarge('It is nested too deeply', { cause: error });
    throw error;
  }
};
