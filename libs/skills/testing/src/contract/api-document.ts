// An OpenAPI document: read within bounds, upgraded to 3.1, with its operations. References lead inside of it or nowhere.
import { hasForbiddenKey } from '@pulser/contracts';
import { parseDocument } from 'yaml';

import { pointerOf } from '../schemas/schema-checks.js';
import { testingErrors } from '../testing-errors.js';

export type Node = Readonly<Record<string, unknown>>;

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const maxYamlLength = 3_000_000;
const maxDepth = 150;
const maxValues = 3_000_000;
const maxListed = 20;

const unreadable = (why: string): Error =>
  testingErrors.error('document_unreadable', `The document cannot be read: ${why}`);

const compactNesting = /(?:[-?][ \t]+){100}/;

// The parser calls itself for each level: brackets beyond this are no document.
const tooNested = (text: string): boolean => {
  let open = 0;
  for (const character of text) {
    if (character === '[' || character === '{') open += 1;
    else if ((character === ']' || character === '}') && open > 0) open -= 1;
    if (open > 10 * maxDepth) return true;
  }
  return compactNesting.test(text) || /^ {1000}/m.test(text);
};

const fromYaml = (text: string): unknown => {
  if (text.length > maxYamlLength) throw unreadable(`as YAML it has more than ${maxYamlLength} characters; send JSON`);
  if (tooNested(text)) throw unreadable(`it has more than ${maxDepth} levels`);
  const parsed = parseDocument(text, { merge: false, logLevel: 'silent' });
  const [error] = parsed.errors;
  if (error !== undefined) throw unreadable(error.message.split('\n', 1)[0] ?? 'no YAML');
  return parsed.toJS({ maxAliasCount: 100 });
};

const valueOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return fromYaml(text);
    } catch (error) {
      if (error instanceof Error && 'code' in error) throw error;
      throw unreadable(error instanceof Error ? error.message : 'neither JSON nor YAML');
    }
  }
};

/** Counts what is in it without calling itself. @throws TaskError `document_unreadable` */
const checkSize = (root: unknown): void => {
  let values = 0;
  const open: [unknown, number][] = [[root, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, depth] = next;
    if ((values += 1) > maxValues) throw unreadable(`it has more than ${maxValues} values`);
    if (depth > maxDepth) throw unreadable(`it has more than ${maxDepth} levels`);
    if (typeof value !== 'object' || value === null) continue;
    for (const item of Object.values(value)) open.push([item, depth + 1]);
  }
};

// What reads documents is loaded by the first of them: three hundred modules, a sixth of the agent's.
const validator = () => import('@seriousme/openapi-schema-validator');
const parser = () => import('@scalar/openapi-parser');

/** What is wrong with a document, in words. Of wrong alternatives the validator lists all: the deepest place tells most. */
const problemsOf = async (document: Node): Promise<string[]> => {
  const { Validator } = await validator();
  // An object, never a text: the validator takes a text without a line break for the name of a file.
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  if (valid) return [];
  if (!Array.isArray(errors)) return [errors ?? 'It is not valid'];
  const all = [...errors].sort((a, b) => b.instancePath.split('/').length - a.instancePath.split('/').length);
  return [...new Set(all.map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`))].slice(0, 10);
};

/** A part of a document, and where it is. */
export interface Part {
  readonly node: Node;
  readonly pointer: string;
}

const maxHops = 32;

/** A document whose parts are found by pointers. */
export class ApiDocument {
  /** References that lead out of the document: they are not read. */
  readonly external = new Set<string>();

  private constructor(
    readonly root: Node,
    /** As it was written, like `3.0.3`. */
    readonly version: string,
    /** What the validator of OpenAPI finds wrong. */
    readonly problems: readonly string[],
  ) {}

  /** @param text JSON or YAML. @throws TaskError `document_unreadable`, `document_invalid` */
  static async read(text: string): Promise<ApiDocument> {
    const written = valueOf(text);
    if (!isNode(written)) throw unreadable('it is no object');
    checkSize(written);
    if (hasForbiddenKey(written)) throw unreadable('a name could pollute prototypes');
    const version = written['openapi'];
    if (typeof version !== 'string' || !/^3\.[0-2](?:\.|$)/.test(version))
      throw testingErrors.error('document_invalid', 'The member openapi must be a version from 3.0 to 3.2');
    if (!isNode(written['paths'])) throw testingErrors.error('document_invalid', 'The document has no paths');
    const problems = await problemsOf(written);
    return new ApiDocument(await upgraded(written), version, problems);
  }

  /** @param pointer RFC 6901 */
  at(pointer: string): unknown {
    return pointer
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>(
        (node, key) =>
          typeof node === 'object' && node !== null && Object.hasOwn(node, key) ? (node as Node)[key] : undefined,
        this.root,
      );
  }

  /** The part at a pointer, or where its references lead; undefined: nowhere, or out of the document. */
  resolved(pointer: string): Part | undefined {
    let here = pointer;
    for (let hop = 0; hop < maxHops; hop += 1) {
      const node = this.at(here);
      if (!isNode(node)) return undefined;
      const reference = node['$ref'];
      if (typeof reference !== 'string') return { node, pointer: here };
      const inside = this.inside(reference);
      if (inside === undefined) return undefined;
      here = inside;
    }
    return undefined;
  }

  /** Parts by their names, references followed. */
  children({ node, pointer }: Part, member: string): [string, Part][] {
    const all = node[member];
    if (typeof all !== 'object' || all === null) return [];
    return Object.keys(all).flatMap((key): [string, Part][] => {
      const part = this.resolved(pointer + pointerOf(member, key));
      return part === undefined ? [] : [[key, part]];
    });
  }

  /** The pointer of a reference into this document. */
  inside(reference: string): string | undefined {
    if (reference === '#') return '';
    if (reference.startsWith('#/')) {
      try {
        return decodeURIComponent(reference.slice(1));
      } catch {
        return undefined;
      }
    }
    if (this.external.size < maxListed) this.external.add(reference.slice(0, 300));
    return undefined;
  }
}

const upgraded = async (written: Node): Promise<Node> => {
  const { upgrade } = await parser();
  try {
    const { specification } = upgrade(structuredClone(written));
    return specification as Node;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw testingErrors.error('document_invalid', `The document cannot be brought to OpenAPI 3.1: ${why}`);
  }
};
