// Values of secret variables in texts and answers.
import type { McpServerDefinition } from './definition.js';

const mask = '***';
// A shorter one may be any word: masking it would spoil answers, and betray it.
const shortest = 6;

const passwordIn = (value: string): string => decodeURIComponent(URL.parse(value)?.password ?? '');

const spellings = (value: string): readonly string[] => [
  value,
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
  Buffer.from(value).toString('base64'),
];

/** Every spelling of the secrets of a call, the longest first. */
export const secretsOf = (
  { variables }: Pick<McpServerDefinition, 'variables'>,
  values: ReadonlyMap<string, string>,
): readonly string[] => {
  const secrets = variables.filter(({ secret }) => secret).map(({ name }) => values.get(name) ?? '');
  const known = [...secrets, ...secrets.map(passwordIn)].filter(({ length }) => length >= shortest);
  return [...new Set(known.flatMap(spellings))].toSorted((a, b) => b.length - a.length);
};

export const maskText = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((masked, secret) => masked.replaceAll(secret, mask), text);

/** The same value with every secret masked in its texts and names of fields. */
export const maskValue = (value: unknown, secrets: readonly string[]): unknown => {
  if (typeof value === 'string') return maskText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [maskText(name, secrets), maskValue(item, secrets)]),
  );
};
