// A part of a document for rules to look at: whatever is not there, or of another type, is simply absent.
import type { Key, Path, YamlDocument } from './yaml-document.js';

export class Part {
  constructor(
    readonly document: YamlDocument,
    readonly value: unknown = document.value,
    readonly path: Path = [],
  ) {}

  get exists(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined;
  }

  get number(): number | undefined {
    return typeof this.value === 'number' ? this.value : undefined;
  }

  /** A text or a number as text, for fields that take either. */
  get word(): string | undefined {
    return this.number === undefined ? this.text : String(this.number);
  }

  /** The part at the end of the keys. */
  at(...keys: readonly Key[]): Part {
    return keys.reduce<Part>(
      ({ document, value, path }, key) => new Part(document, memberOf(value, key), [...path, key]),
      this,
    );
  }

  /** The items of a list. */
  items(...keys: readonly Key[]): Part[] {
    const list = this.at(...keys);
    return Array.isArray(list.value) ? list.value.map((_, index) => list.at(index)) : [];
  }

  /** The members of a map, by name. */
  members(...keys: readonly Key[]): [string, Part][] {
    const map = this.at(...keys);
    return isMap(map.value) ? Object.keys(map.value).map((key) => [key, map.at(key)]) : [];
  }

  /** The texts of a list. */
  texts(...keys: readonly Key[]): string[] {
    return this.items(...keys).flatMap(({ text }) => (text === undefined ? [] : [text]));
  }

  is(value: unknown): boolean {
    return this.value === value;
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const memberOf = (value: unknown, key: Key): unknown => {
  if (Array.isArray(value)) return typeof key === 'number' ? (value[key] as unknown) : null;
  // What is missing is null and not undefined, which would stand for the whole document.
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : null;
};
