// JSON as lines that can be folded: a list, so that only those in sight have to exist.

export interface JsonLine {
  /** Where it is: a JSON Pointer (RFC 6901). The same place keeps the same path. */
  readonly path: string;
  readonly depth: number;
  /** Of a member of an object, or the index in a list. */
  readonly name: string | undefined;
  readonly kind: 'string' | 'number' | 'boolean' | 'null' | 'object' | 'list' | 'end';
  /** The value as it stands in JSON; of an object or list what is said when it is folded. */
  readonly text: string;
  /** Whether there is something to fold. */
  readonly folds: boolean;
  readonly isOpen: boolean;
}

/** Signs of a text that one line shows; the whole is copied from the line. */
export const maxShown = 2_000;

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

// Signs that are not seen, or turn the direction of what follows: a name could be read as another one.
const unseen = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

const escape = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text in which every sign is seen. */
const visible = (text: string): string => text.replace(unseen, escape);

const quoted = (text: string): string =>
  text.length <= maxShown
    ? visible(JSON.stringify(text))
    : `${visible(JSON.stringify(text.slice(0, maxShown))).slice(0, -1)}… (${text.length} characters)"`;

const scalar = (value: unknown): Pick<JsonLine, 'kind' | 'text'> => {
  if (value === null || value === undefined) return { kind: 'null', text: 'null' };
  if (typeof value === 'string') return { kind: 'string', text: quoted(value) };
  return { kind: typeof value === 'number' ? 'number' : 'boolean', text: JSON.stringify(value) };
};

const summary = (value: object, count: number): string => {
  if (Array.isArray(value)) return count === 1 ? '[1 item]' : `[${count} items]`;
  return count === 1 ? '{1 member}' : `{${count} members}`;
};

/** Depth from which on nothing is open at first. */
export const openDepth = 2;

/** The lines of a value. @param folded whether a place was folded or unfolded by hand; undefined: neither */
export const linesOf = (value: unknown, folded: (path: string) => boolean | undefined): JsonLine[] => {
  const lines: JsonLine[] = [];
  const add = (one: unknown, path: string, depth: number, name: string | undefined): void => {
    if (typeof one !== 'object' || one === null) {
      lines.push({
        path,
        depth,
        name: name === undefined ? undefined : visible(name),
        ...scalar(one),
        folds: false,
        isOpen: false,
      });
      return;
    }
    const members = Array.isArray(one) ? one.map((item, index) => [String(index), item] as const) : Object.entries(one);
    const isOpen = members.length > 0 && !(folded(path) ?? depth >= openDepth);
    const [opening, closing, kind] = Array.isArray(one)
      ? (['[', ']', 'list'] as const)
      : (['{', '}', 'object'] as const);
    const text = members.length === 0 ? opening + closing : isOpen ? opening : summary(one, members.length);
    lines.push({
      path,
      depth,
      name: name === undefined ? undefined : visible(name),
      kind,
      text,
      folds: members.length > 0,
      isOpen,
    });
    if (!isOpen) return;
    for (const [key, member] of members) add(member, `${path}/${escaped(key)}`, depth + 1, key);
    lines.push({ path: `${path}/`, depth, name: undefined, kind: 'end', text: closing, folds: false, isOpen: false });
  };
  add(value, '', 0, undefined);
  return lines;
};
