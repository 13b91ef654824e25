// Values that answers have shown, for the parameters of what is asked next: ids of things that exist.
import { isNode, type Node } from './api-document.js';
import type { ApiOperation, ApiParameter } from './api-operation.js';

const maxValues = 200;
const maxObjects = 500;

type Simple = string | number;

const isSimple = (value: unknown): value is Simple => typeof value === 'string' || typeof value === 'number';

/** Objects in a body: itself, its items, and the items of lists in it. */
const objectsIn = (body: unknown): Node[] => {
  const items = (value: unknown): Node[] => (Array.isArray(value) ? value.slice(0, maxObjects).filter(isNode) : []);
  if (Array.isArray(body)) return items(body);
  return isNode(body) ? [body, ...Object.values(body).flatMap(items)] : [];
};

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

const isId = (name: string): boolean => /id$/i.test(name);

/** Names under which a thing shows what a parameter of the path is: `book_id` may be `id` of a book. */
const namesFor = (name: string): readonly string[] => [plain(name), ...(isId(name) ? ['id'] : [])];

/** What stands before a parameter in a path: the list of what it names. */
export const listOf = (path: string, name: string): string => path.slice(0, path.indexOf(`/{${name}}`));

/** Learns from answers. */
export class KnownValues {
  /** By path of the list and name of the member, without punctuation; under the path `*`, of any. */
  private readonly values = new Map<string, Set<Simple>>();

  learn({ path, method }: ApiOperation, body: unknown): void {
    if (method === 'DELETE') return;
    for (const object of objectsIn(body)) {
      for (const [name, value] of Object.entries(object)) {
        if (!isSimple(value) || value === '') continue;
        this.add(path, name, value);
        this.add('*', name, value);
      }
    }
  }

  /** Values for a parameter of a path; none when no answer has shown one. */
  for({ path }: ApiOperation, { name }: ApiParameter): readonly Simple[] {
    const list = listOf(path, name);
    const ofList = namesFor(name).flatMap((one) => [...(this.values.get(`${list} ${one}`) ?? [])]);
    if (ofList.length > 0) return ofList;
    // `id` of anything else would name something else.
    return [...(this.values.get(`* ${plain(name)}`) ?? [])].filter(() => plain(name) !== 'id');
  }

  private add(path: string, name: string, value: Simple): void {
    const key = `${path} ${plain(name)}`;
    const known = this.values.get(key) ?? new Set<Simple>();
    if (known.size < maxValues) known.add(value);
    this.values.set(key, known);
  }
}

/**
 * Whether an answer is about another thing than was asked for: the member that is named like the last parameter of the
 * path, or `id` where that is an id, has another value. @returns the member
 */
export const anotherResource = (
  { path }: ApiOperation,
  parameters: ReadonlyMap<string, unknown>,
  body: unknown,
): { readonly member: string; readonly found: unknown; readonly asked: unknown } | undefined => {
  const name = /\{([^{}]+)\}$/.exec(path)?.[1];
  const asked = name === undefined ? undefined : parameters.get(name);
  if (name === undefined || !isSimple(asked) || !isNode(body)) return undefined;
  const member =
    Object.keys(body).find((key) => plain(key) === plain(name)) ?? (isId(name) && 'id' in body ? 'id' : undefined);
  const found = member === undefined ? undefined : body[member];
  if (member === undefined || !isSimple(found)) return undefined;
  // Ids are often written in either case, and numbers as texts.
  return String(found).toLowerCase() === String(asked).toLowerCase() ? undefined : { member, found, asked };
};
