// Where in a JSON text a member stands, by its JSON Pointer (RFC 6901).
import { jsonLanguage } from '@codemirror/lang-json';

/** Part of a text, by the number of signs before it. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

type Node = ReturnType<typeof jsonLanguage.parser.parse>['topNode'];

const nameOf = (text: string, property: Node): string | undefined => {
  const name = property.getChild('PropertyName');
  if (name === null) return undefined;
  try {
    return String(JSON.parse(text.slice(name.from, name.to)));
  } catch {
    return undefined;
  }
};

const values: ReadonlySet<string> = new Set(['Object', 'Array', 'String', 'Number', 'True', 'False', 'Null']);

const childrenOf = (node: Node): readonly Node[] => {
  const found: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
};

const valueIn = (node: Node): Node | undefined => childrenOf(node).find(({ name }) => values.has(name));

/** The member, or its name where it is an object or list; of one that is missing, the nearest that is there. */
export const placeOf = (text: string, pointer: string): TextRange => {
  let at = valueIn(jsonLanguage.parser.parse(text).topNode);
  // An object is marked at its name, or at its first sign: to underline all of it would say nothing.
  let mark: TextRange = at === undefined ? { from: 0, to: text.length } : { from: at.from, to: at.from + 1 };
  for (const step of stepsOf(pointer)) {
    if (at === undefined) return mark;
    if (at.name === 'Array') {
      at = /^\d+$/.test(step) ? childrenOf(at).filter(({ name }) => values.has(name))[Number(step)] : undefined;
      if (at !== undefined) mark = { from: at.from, to: at.from + 1 };
    } else if (at.name === 'Object') {
      const property = at.getChildren('Property').findLast((one) => nameOf(text, one) === step);
      const name = property?.getChild('PropertyName');
      at = property === undefined ? undefined : valueIn(property);
      if (name) mark = { from: name.from, to: name.to };
    } else return mark;
    if (at !== undefined && at.name !== 'Object' && at.name !== 'Array') mark = { from: at.from, to: at.to };
  }
  return mark;
};
