// The secrets that an attempt was given, taken out of what leaves it: as they are, and as JSON, URLs and Base64 write them.
// What a host that gets a secret makes of it otherwise is not recognised: that is why secrets are bound to hosts.
import { TaskError, thrownText } from '@pulser/contracts';

/** A text that is looked for, and how many of its first characters count as it: texts are cut at their end. */
interface Needle {
  readonly text: string;
  readonly least: number;
  readonly stands: string;
}

// A quarter of a value, so that of what is not recognised in a text that was cut nobody guesses the rest.
const leastOf = (text: string): number => Math.min(text.length, Math.max(8, Math.min(16, Math.floor(text.length / 4))));

/** Base64 (RFC 4648) of a value in the middle of other bytes: the characters that depend on it alone, for each alignment. */
const insideBase64 = (bytes: Buffer, encoding: 'base64' | 'base64url'): string[] =>
  [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString(encoding)
      .replace(/=+$/, '');
    const whole = Math.floor(((offset + bytes.length) * 8) / 6);
    return text.slice(Math.ceil((offset * 8) / 6), whole);
  });

const writings = (value: string): string[] => {
  const bytes = Buffer.from(value, 'utf8');
  return [
    ...[value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)],
    ...[new URLSearchParams([['', value]]).toString().slice(1), bytes.toString('hex')],
    ...insideBase64(bytes, 'base64'),
    ...insideBase64(bytes, 'base64url'),
  ];
};

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** What an attempt was given, and what it must not say. Without secrets everything passes as it is, at no cost. */
export class Redaction {
  private needles: Needle[] = [];

  /** @param value 8 characters or more */
  add(name: string, value: string): void {
    const known = new Set(this.needles.map(({ text }) => text));
    const found = [...new Set(writings(value))].filter((text) => text.length >= 8 && !known.has(text));
    const stands = `[secret ${name}]`;
    this.needles = [...this.needles, ...found.map((text) => ({ text, least: leastOf(text), stands }))];
  }

  get isEmpty(): boolean {
    return this.needles.length === 0;
  }

  /** The longest text that is looked for, in characters. */
  get reach(): number {
    return Math.max(0, ...this.needles.map(({ text }) => text.length));
  }

  /** The text with a name in place of each secret, or of its beginning. */
  text(text: string): string {
    return this.isEmpty ? text : without(text, this.needles);
  }

  /** The same for bytes of any encoding that holds ASCII as it is. */
  bytes(content: Uint8Array): Uint8Array {
    if (this.isEmpty) return content;
    // One character a byte, in both.
    const asText = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1');
    const needles = this.needles.map((needle) => ({
      ...needle,
      text: Buffer.from(needle.text, 'utf8').toString('latin1'),
    }));
    const redacted = without(asText, needles);
    return redacted === asText ? content : Buffer.from(redacted, 'latin1');
  }

  /** The same for all texts, names and bytes in a value that is data. */
  value<T>(value: T): T {
    return this.isEmpty ? value : (this.deep(value) as T);
  }

  /** The same for what a handler threw, whatever that is. What holds no secret is thrown as it is. */
  thrown(thrown: unknown): unknown {
    if (this.isEmpty) return thrown;
    const message = thrownText(thrown);
    const redacted = this.text(message);
    try {
      if (thrown instanceof TaskError) return this.taskError(thrown, redacted);
    } catch {
      // Its members cannot be read: it counts as any other.
    }
    return redacted === message ? thrown : new Error(redacted);
  }

  private taskError({ code, permanent, facts }: TaskError, message: string): TaskError {
    return new TaskError({ code: this.text(code), permanent }, message, {
      permanent,
      ...(facts.details !== undefined && { details: this.value(facts.details) }),
      ...(facts.retryAfterMs !== undefined && { retryAfterMs: facts.retryAfterMs }),
    });
  }

  private deep(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Uint8Array) return this.bytes(value);
    if (Array.isArray(value)) return value.map((item) => this.deep(item));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [this.text(name), this.deep(item)]));
  }
}

/** How many characters of a text are the beginning of a secret, from a place where enough of it stands. */
const lengthAt = (text: string, at: number, { text: secret, least }: Needle): number => {
  let length = least;
  while (length < secret.length && text[at + length] === secret[length]) length += 1;
  return length;
};

/** Of several that begin at the same place the one that goes furthest: writings of one secret begin alike. */
const without = (text: string, needles: readonly Needle[]): string => {
  const next = needles.map(() => -1);
  let [redacted, from] = ['', 0];
  for (;;) {
    needles.forEach((needle, n) => {
      const known = next[n] ?? -1;
      if (known >= from) return;
      const at = text.indexOf(needle.text.slice(0, needle.least), from);
      next[n] = at === -1 ? Infinity : at;
    });
    const at = Math.min(...next);
    if (at === Infinity) return from === 0 ? text : redacted + text.slice(from);
    const [longest] = needles
      .filter((_, n) => next[n] === at)
      .map((needle) => ({ stands: needle.stands, length: lengthAt(text, at, needle) }))
      .sort((one, other) => other.length - one.length);
    redacted += text.slice(from, at) + (longest?.stands ?? '');
    from = at + (longest?.length ?? 1);
  }
};
