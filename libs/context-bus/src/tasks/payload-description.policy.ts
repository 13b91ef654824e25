// What a payload says, as a short text that may be kept and compared: no value of a field that is named like a secret, and
// no long text.

/** UTF-8 bytes of a description. */
export const maxDescriptionBytes = 2_048;

const maxValueCharacters = 160;
const maxDepth = 8;
const maxFields = 64;
/** Values that are looked at, so that a payload of a million numbers costs no more than a small one. */
const maxVisits = 512;
const maxNameCharacters = 60;

const hidden = '(hidden)';

// Words of a name, however it is spelled: `apiKey`, `API_KEY`, `api-key`, `x-api-key`.
const secretWords = new Set(['auth', 'cookie', 'cookies', 'key', 'keys', 'otp', 'pin', 'private', 'pwd', 'signature']);
// Anywhere in a name, because they are also written in one word: `authtoken`, `dbpassword`, `clientsecret`.
const secretParts = ['password', 'passwd', 'passphrase', 'secret', 'token', 'apikey', 'credential', 'authorization'];

const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);

/** Whether a field of this name may hold a secret. */
export const isSecretName = (name: string): boolean => {
  const start = name.slice(0, 200);
  const words = wordsOf(start);
  const joined = start.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return words.some((word) => secretWords.has(word)) || secretParts.some((part) => joined.includes(part));
};

// Of texts: files and headers that stand inside of a value. `token` alone may be a word of a question, so it must assign.
const secretTexts = [
  ...['password', 'passwd', 'passphrase', 'secret', 'api_key', 'apikey', 'api-key', 'authorization', 'bearer '],
  ...['private key', 'token=', 'token:', 'token":', 'credential', 'aws_access'],
];

const looksSecret = (text: string): boolean => {
  const lower = text.toLowerCase();
  return secretTexts.some((part) => lower.includes(part));
};

/** `https://user:password@host` without the login. Only a scheme and its `//` are looked for, so no pattern can go back. */
export const withoutLogin = (text: string): string => {
  const parts = text.split('://');
  const [first = '', ...rest] = parts;
  const safe = rest.map((part) => {
    const end = part.search(/[/?#\s]/);
    const authority = end === -1 ? part : part.slice(0, end);
    const at = authority.lastIndexOf('@');
    return at === -1 ? part : part.slice(at + 1);
  });
  return [first, ...safe].join('://');
};

/** The start of a text on one line; all of a text that seems to hold a secret is hidden, also beyond what is shown. */
const shown = (text: string): string => {
  // What is longer is no short text: a secret further on is not shown either way.
  const start = text.slice(0, 4 * maxValueCharacters);
  if (looksSecret(start)) return hidden;
  const line = withoutLogin(start).replaceAll(/\s+/g, ' ').trim();
  const cut = Array.from(line).slice(0, maxValueCharacters).join('');
  return cut.length < line.length || start.length < text.length ? `${cut}...` : cut;
};

// `: ` ends a name in a description, and a line ends with its value.
const shownName = (name: string): string => name.slice(0, maxNameCharacters).replaceAll(/[\s:.]+/g, '_');

type Field = readonly [path: string, value: string];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `{ name: 'DB_PASSWORD', value: ... }`: a field whose name is the value of another one. */
export const namesSecret = (object: Readonly<Record<string, unknown>>): boolean =>
  ['name', 'key', 'id', 'header', 'field'].some((field) => {
    const name = object[field];
    return typeof name === 'string' && isSecretName(name);
  });

class Fields {
  readonly found: Field[] = [];
  private visits = 0;

  visit(path: string, value: unknown, depth: number): void {
    this.visits += 1;
    if (this.visits > maxVisits || this.found.length >= maxFields) return;
    if (typeof value === 'string') this.found.push([path, shown(value)]);
    else if (typeof value === 'number' || typeof value === 'boolean') this.found.push([path, String(value)]);
    else if (value === null) this.found.push([path, 'null']);
    else if (depth >= maxDepth) this.found.push([path, '(nested)']);
    else if (Array.isArray(value)) this.visitItems(path, value as readonly unknown[], depth);
    else if (isObject(value)) this.visitMembers(path, value, depth);
  }

  private visitItems(path: string, items: readonly unknown[], depth: number): void {
    this.found.push([`${path}[]`, `${items.length} items`]);
    for (const [index, item] of items.slice(0, 3).entries()) this.visit(`${path}[${index}]`, item, depth + 1);
  }

  private visitMembers(path: string, object: Readonly<Record<string, unknown>>, depth: number): void {
    const ofSecret = namesSecret(object);
    for (const name of Object.keys(object).slice(0, maxFields)) {
      const inner = path === '' ? shownName(name) : `${path}.${shownName(name)}`;
      const hides = isSecretName(name) || (ofSecret && name.toLowerCase().includes('value'));
      if (hides) this.found.push([inner, hidden]);
      else this.visit(inner, object[name], depth + 1);
    }
  }
}

/**
 * A payload as lines `path: value`, `operation` first, then short values in the order of the payload: at most 2 KB. Values
 * of fields named like a secret are `(hidden)`, as are texts that seem to hold one; logins are taken out of URLs.
 */
export const describePayload = (payload: Readonly<Record<string, unknown>>): string => {
  const fields = new Fields();
  fields.visit('', payload, 0);
  const first = fields.found.filter(([path]) => path === 'operation');
  const rest = fields.found.filter(([path]) => path !== 'operation');
  return boundedLines([...first, ...rest].map(([path, value]) => `${path}: ${value}`));
};

/** Of a payload that is too large to be looked at: the names of its members alone. */
export const describeLargePayload = (operation: string | null, bytes: number, names: readonly string[]): string =>
  boundedLines([
    ...(operation === null ? [] : [`operation: ${shown(operation)}`]),
    `(large): ${bytes} bytes stored`,
    ...names.filter((name) => name !== 'operation').map((name) => `${shownName(name)}: (not read)`),
  ]);

const boundedLines = (lines: readonly string[]): string => {
  const kept: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > maxDescriptionBytes) break;
    kept.push(line);
  }
  return kept.join('\n');
};
