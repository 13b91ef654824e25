// The values of credentials taken out of what is written down or answered.

const shown = '(hidden)';
const leastCharacters = 6;

const without = (text: string, values: readonly string[]): string =>
  values.reduce((left, value) => left.replaceAll(value, shown), text);

const writings = (value: string): string[] => [
  value,
  JSON.stringify(value).slice(1, -1),
  encodeURIComponent(value),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
];

const isIn = (json: string, text: string): boolean =>
  json.includes(text) || json.includes(JSON.stringify(text).slice(1, -1));

/** Hides values in texts and in data. */
export class HiddenValues {
  private readonly texts: readonly string[];

  constructor(values: readonly string[]) {
    const long = values.filter((value) => value.length >= leastCharacters);
    this.texts = [...new Set(long.flatMap(writings))].sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    return this.texts.length === 0 ? text : without(text, this.texts);
  }

  /** @param value JSON */
  value<T>(value: T): T {
    if (this.texts.length === 0) return value;
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined || !this.texts.some((text) => isIn(json, text))) return value;
    return this.deep(value) as T;
  }

  private deep(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.deep(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [this.text(name), this.deep(member)]));
  }
}
