// What a document may hold at most, checked before anything walks through it: aliases of YAML make a small text a huge tree.

/** Why a document is not looked at. The message is for whoever sent it. */
export class DocumentTooLarge extends Error {}

export const documentBounds = {
  /** Characters of a text. GitHub's description of its API has 13 million. */
  characters: 24_000_000,
  /** Of YAML, whose parser takes 50 bytes of memory for each: a text of 10 MB takes 5 s and 500 MB. */
  yamlCharacters: 11_000_000,
  /** Levels of objects and lists. */
  depth: 200,
  /** Values, those that aliases repeat counted each time. */
  values: 4_000_000,
} as const;

const isNode = (value: unknown): value is object => typeof value === 'object' && value !== null;

interface Open {
  readonly node: object;
  readonly children: readonly unknown[];
  next: number;
  values: number;
  height: number;
}

interface Measured {
  readonly values: number;
  readonly height: number;
}

const opened = (node: object): Open => ({ node, children: Object.values(node), next: 0, values: 1, height: 1 });

/** Counts a tree without recursion; a part that several places share is walked once and counted each time. */
class Measure {
  private readonly done = new Map<object, Measured>();
  private readonly above = new Set<object>();
  private readonly stack: Open[] = [];

  of(root: object): Measured {
    this.enter(root);
    for (let top = this.stack.at(-1); top !== undefined; top = this.stack.at(-1)) {
      if (top.next < top.children.length) this.take(top, top.children[top.next++]);
      else this.leave(top);
    }
    return this.done.get(root) ?? { values: 1, height: 1 };
  }

  private take(top: Open, child: unknown): void {
    const known = isNode(child) ? this.done.get(child) : { values: 1, height: 1 };
    if (known !== undefined) this.add(top, known);
    else if (isNode(child)) this.enter(child);
  }

  private add(top: Open, child: Measured): void {
    top.values += child.values;
    top.height = Math.max(top.height, child.height + 1);
    if (top.values > documentBounds.values)
      throw new DocumentTooLarge(`It holds more than ${documentBounds.values} values, those of aliases included`);
    if (top.height > documentBounds.depth) throw tooDeep();
  }

  private enter(node: object): void {
    if (this.above.has(node)) throw new DocumentTooLarge('An alias in it stands for something that holds the alias');
    if (this.stack.length >= documentBounds.depth) throw tooDeep();
    this.above.add(node);
    this.stack.push(opened(node));
  }

  private leave({ node, values, height }: Open): void {
    this.stack.pop();
    this.above.delete(node);
    this.done.set(node, { values, height });
    const parent = this.stack.at(-1);
    if (parent !== undefined) this.add(parent, { values, height });
  }
}

const tooDeep = (): DocumentTooLarge => new DocumentTooLarge(`It has more than ${documentBounds.depth} levels`);

/** @throws DocumentTooLarge when the value has too many parts, too many levels, or holds itself */
export const checkBounds = (value: unknown): void => {
  if (isNode(value)) new Measure().of(value);
};
