// The items of a JSON text, each value as it is written.
import { Unreadable } from './unreadable.js';

/** An item: its members as JSON texts, in order; undefined when it is no object. */
export interface Item {
  /** Line, or number in an array, from 1. */
  readonly place: number;
  readonly members: ReadonlyMap<string, string> | undefined;
  readonly source: string;
  /** Why it can be no row. */
  readonly fault?: string;
}

const maxDepth = 1_000;

/** Walks a text that JSON.parse has accepted. */
class Walker {
  at = 0;
  deepest = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.blanks();
  }

  get char(): string {
    return this.text[this.at] ?? '';
  }

  sees(char: string): boolean {
    return this.text[this.at] === char;
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  blanks(): void {
    while (this.char === ' ' || this.char === '\n' || this.char === '\r' || this.char === '\t') this.at += 1;
  }

  /** Steps over a character and the blanks behind it. */
  step(): void {
    this.at += 1;
    this.blanks();
  }

  /** The source text of a value; afterwards the walker stands on the next token. */
  value(): string {
    const start = this.at;
    if (this.char === '"') this.string();
    else if (this.char === '{' || this.char === '[') this.nested();
    else while (this.at < this.text.length && !/[\s,\]}]/.test(this.char)) this.at += 1;
    const source = this.text.slice(start, this.at);
    this.blanks();
    return source;
  }

  private string(): void {
    for (this.at += 1; this.char !== '"' && this.at < this.text.length; this.at += 1) {
      if (this.char === '\\') this.at += 1;
    }
    this.at += 1;
  }

  private nested(): void {
    let depth = 0;
    do {
      const { char } = this;
      if (char === '"') this.string();
      else this.at += 1;
      if (char === '{' || char === '[') depth += 1;
      if (char === '}' || char === ']') depth -= 1;
      this.deepest = Math.max(this.deepest, depth);
    } while (depth > 0 && this.at < this.text.length);
  }
}

const halfSurrogate = /\\u[dD][89a-fA-F]/;

// JSON.stringify writes the half of a surrogate pair as an escape, and nothing else that looks like one.
const holdsHalf = (source: string): boolean =>
  halfSurrogate.test(source) && halfSurrogate.test(JSON.stringify(JSON.parse(source)).replaceAll('\\\\', ''));

/** A key that stands twice in one object, at any depth. */
const repeatedKey = (source: string): string | undefined => {
  const walker = new Walker(source);
  const open: (Set<string> | undefined)[] = [];
  while (!walker.ended) {
    const { char } = walker;
    if (char === '{' || char === '[') open.push(char === '{' ? new Set() : undefined);
    else if (char === '}' || char === ']') open.pop();
    if (char !== '"') {
      walker.step();
      continue;
    }
    const text = walker.value();
    const keys = walker.sees(':') ? open.at(-1) : undefined;
    const key = keys === undefined ? '' : (JSON.parse(text) as string);
    if (keys?.has(key) === true) return key;
    keys?.add(key);
  }
  return undefined;
};

const faultOf = (walker: Walker, source: string): string | undefined => {
  if (walker.deepest > maxDepth) return `Nested deeper than ${maxDepth} levels`;
  const repeated = source.includes('{') ? repeatedKey(source) : undefined;
  if (repeated !== undefined) return `The key ${repeated.slice(0, 60)} stands twice in it`;
  return holdsHalf(source) ? 'Holds half of a surrogate pair, which is no text' : undefined;
};

const withFault = (item: Item, fault: string | undefined): Item => (fault === undefined ? item : { ...item, fault });

const objectOf = (source: string, place: number): Item => {
  const walker = new Walker(source);
  if (!walker.sees('{')) {
    walker.value();
    return withFault({ place, members: undefined, source }, faultOf(walker, source));
  }
  const members = new Map<string, string>();
  walker.step();
  while (!walker.sees('}')) {
    const key = JSON.parse(walker.value()) as string;
    walker.step();
    members.set(key, walker.value());
    if (walker.sees(',')) walker.step();
  }
  return withFault({ place, members, source }, faultOf(walker, source));
};

const arrayOf = (text: string): Item[] => {
  const walker = new Walker(text);
  const items: Item[] = [];
  walker.step();
  while (!walker.sees(']')) {
    items.push(objectOf(walker.value(), items.length + 1));
    if (walker.sees(',')) walker.step();
  }
  return items;
};

const problemWith = (text: string): string | undefined => {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `Malformed JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** The items of a text with one JSON value a line; blank lines do not count. @throws Unreadable at a line that is no JSON */
export const ndjsonItems = (text: string): Item[] =>
  text.split(text.includes('\n') ? '\n' : '\r').flatMap((line, index) => {
    const source = line.trim();
    if (source === '') return [];
    const problem = problemWith(source);
    if (problem !== undefined) throw new Unreadable(problem, index + 1);
    return [objectOf(source, index + 1)];
  });

/**
 * The items of a JSON array, or the one item of any other JSON text; of several objects one below the other as
 * {@link ndjsonItems}.
 *
 * @throws Unreadable for what is no JSON
 */
export const jsonItems = (text: string): Item[] => {
  const source = text.trim();
  const problem = problemWith(source);
  if (problem === undefined) return source.startsWith('[') ? arrayOf(source) : [objectOf(source, 1)];
  const lines = source.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > 1 && lines.every((line) => line.trim().startsWith('{') && problemWith(line) === undefined)) {
    return ndjsonItems(text);
  }
  throw new Unreadable(problem);
};
