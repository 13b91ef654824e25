// `{{name}}` in a step: a value that an earlier answer gave, or the payload.

export type CarriedValues = ReadonlyMap<string, unknown>;

const placeholder = /\{\{\s*([a-z][a-z0-9_]{0,39})\s*\}\}/gi;
const wayUp = /(?:^|\/)\.{1,2}(?=$|[/?])/;
const whole = /^\{\{\s*([a-z][a-z0-9_]{0,39})\s*\}\}$/i;

/** A name without a value, or with one that cannot stand there. */
export class ValueUnusable extends Error {}

const valueOf = (name: string, values: CarriedValues): unknown => {
  if (!values.has(name)) throw new ValueUnusable(`There is no value ${name}: no step before has saved it`);
  return values.get(name);
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** @param encode what becomes of each value. @throws ValueUnusable */
export const filledText = (text: string, values: CarriedValues, encode: (text: string) => string = String): string =>
  text.replaceAll(placeholder, (_, name: string) => encode(asText(valueOf(name, values))));

/** The path of a request. A value becomes one part of it: it adds no slash, query or host. @throws ValueUnusable */
export const filledPath = (path: string, values: CarriedValues): string => {
  const filled = filledText(path, values, encodeURIComponent);
  // However dots are encoded, a URL takes them for a way up.
  if (wayUp.test(filled) && !wayUp.test(path)) throw new ValueUnusable('A value is a way up in the path');
  return filled;
};

/** A header's value: no line can be added. @throws ValueUnusable */
export const filledHeader = (text: string, values: CarriedValues): string =>
  filledText(text, values, (value) => value.replaceAll(/[\r\n\0]/g, ' '));

/** Texts of a body. One that is a placeholder and nothing else becomes the value with its type. @throws ValueUnusable */
export const filledBody = (body: unknown, values: CarriedValues): unknown => {
  if (typeof body === 'string') {
    const name = whole.exec(body)?.[1];
    return name === undefined ? filledText(body, values) : valueOf(name, values);
  }
  if (Array.isArray(body)) return body.map((item) => filledBody(item, values));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, item]) => [key, filledBody(item, values)]));
};
