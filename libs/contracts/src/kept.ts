// What is kept of texts and values that come without a bound: errors, details, lines of a log, progress. The sizes, the one
// way to cut a text, and the form in which PostgreSQL can hold it.

/** Characters (UTF-16 units) at most. */
export const keptSizes = {
  /** Message of an error. */
  message: 4_000,
  /** Message of an error in a list. */
  shortMessage: 300,
  /** Details of an error, as JSON: about this much. */
  details: 16_000,
  /** A line of a task's log. */
  line: 4_000,
  /** Fields of such a line, as JSON: about this much. */
  fields: 8_000,
  /** What progress says. */
  progress: 1_000,
  /** A text among details or fields. */
  member: 2_000,
  /** Name of an actor. */
  name: 300,
} as const;

/** The start of a text, at most `max` characters. Never ends in the middle of a surrogate pair. */
export const startOf = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const splitsPair = (text.codePointAt(max - 1) ?? 0) > 0xffff;
  return text.slice(0, splitsPair ? max - 1 : max);
};

/** The text as PostgreSQL's text and jsonb can hold it: U+0000 and half surrogate pairs become U+FFFD. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

const cutNote = (characters: number): string => `... (${characters.toLocaleString('en')} more characters)`;

/** Room for the longest note. */
const noteLength = cutNote(2 ** 40).length;

// A text that was cut before says of how much already.
const cutBefore = /\.\.\. \(([\d,]{1,20}) more characters\)$/;

/** A text as it is kept: storable, and of one that is too long the start, with how much is missing. At most `max` characters. */
export const keptText = (text: string, max: number): string => {
  if (text.length <= max) return storable(text);
  const start = startOf(text, max - noteLength);
  const [note = '', missing = '0'] = cutBefore.exec(text.slice(-2 * noteLength)) ?? [];
  const more = text.length - start.length - note.length + Number(missing.replaceAll(',', ''));
  return storable(start) + cutNote(more);
};

const unreadable = 'It cannot be read';

/** The message of whatever was thrown. Never throws, whatever its getters do. */
export const thrownText = (thrown: unknown): string => {
  try {
    const message: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : undefined;
    return typeof message === 'string' && message !== '' ? message : String(thrown);
  } catch {
    return unreadable;
  }
};

const maxDepth = 16;
const maxItems = 1_000;
/** Quotes, a comma and a colon. */
const punctuation = 6;

/** One copy of a value as bounded JSON. */
class Copy {
  private readonly inside = new Set<object>();

  constructor(private left: number) {}

  of(value: unknown, depth = 1): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.spend(Number.isFinite(value) ? value : String(value));
    if (typeof value === 'bigint') return this.text(String(value));
    if (typeof value === 'boolean' || value === null) return this.spend(value);
    if (typeof value !== 'object') return undefined;
    if (ArrayBuffer.isView(value)) return this.text(`(${value.byteLength} bytes)`);
    if (this.inside.has(value)) return this.text('(it contains itself)');
    if (depth > maxDepth) return this.text('(deeper levels are left out)');
    return this.object(value, depth);
  }

  private object(value: object, depth: number): unknown {
    this.inside.add(value);
    try {
      const toJson: unknown = Reflect.get(value, 'toJSON');
      if (typeof toJson === 'function') return this.of(Reflect.apply(toJson, value, ['']), depth + 1);
      return Array.isArray(value) ? this.array(value, depth) : this.members(value, depth);
    } catch {
      return this.text(unreadable);
    } finally {
      this.inside.delete(value);
    }
  }

  private array(items: readonly unknown[], depth: number): unknown[] {
    const kept: unknown[] = [];
    for (let index = 0; index < items.length; index += 1) {
      if (this.left <= 0 || index >= maxItems) return [...kept, `... (${items.length - index} more items)`];
      kept.push(this.of(items[index], depth + 1) ?? null);
    }
    return kept;
  }

  // Members are defined, never assigned: a key may be `__proto__`.
  private members(value: object, depth: number): object {
    const keys = Object.keys(value);
    const kept: [string, unknown][] = [];
    for (const [index, key] of keys.entries()) {
      if (this.left <= 0 || index >= maxItems) {
        kept.push(['...', `${keys.length - index} more members`]);
        break;
      }
      kept.push([this.text(key), this.member(value, key, depth)]);
    }
    return Object.fromEntries(kept.filter(([, item]) => item !== undefined));
  }

  private member(value: object, key: string, depth: number): unknown {
    try {
      return this.of(Reflect.get(value, key), depth + 1);
    } catch {
      return this.text(unreadable);
    }
  }

  private text(text: string): string {
    const kept = keptText(text, keptSizes.member);
    this.spend(kept);
    return kept;
  }

  private spend<T extends string | number | boolean | null>(value: T): T {
    this.left -= JSON.stringify(value).length + punctuation;
    return value;
  }
}

/**
 * A copy of any value as JSON that PostgreSQL can hold, of about `max` characters: what is too long, too deep or no JSON
 * is replaced by a text that says so. Never throws.
 */
export const keptJson = (value: unknown, max: number): unknown => new Copy(max).of(value);

/** The same of something that should be an object; undefined without any. */
export const keptObject = (value: unknown, max: number): Record<string, unknown> | undefined => {
  const kept = keptJson(value, max);
  if (kept === undefined || kept === null) return undefined;
  return typeof kept === 'object' && !Array.isArray(kept) ? (kept as Record<string, unknown>) : { details: kept };
};

/** What was kept is never larger, as JSON: only what is older than the bounds. */
const neverLarger = 3 * keptSizes.details;

/** An object that was read: as it is, unless it is older than the bounds and beyond them. */
export const readObject = (value: Record<string, unknown>): Record<string, unknown> =>
  JSON.stringify(value).length <= neverLarger ? value : (keptObject(value, keptSizes.details) ?? {});
