// The history in a git bundle (https://git-scm.com/docs/gitformat-bundle): its references and the commits behind them.
import { UnreadableText } from '../documents/unreadable-text.js';
import type { Commit } from './commit-text.js';
import { type GitObject, readPack } from './pack.js';

export interface BundleHistory {
  /** Reachable from the head, newest first by the date of the commit, a commit never before its children. */
  readonly commits: readonly Commit[];
  /** The reference that was followed. */
  readonly head: string;
  /** Hashes of commits that are named and not in the bundle: its history begins there. */
  readonly missing: readonly string[];
}

const maxHeader = 4_000_000;
const objectName = /^[0-9a-f]{40}$/;

interface Header {
  readonly references: ReadonlyMap<string, string>;
  readonly packAt: number;
}

const headerOf = (bundle: Buffer): Header => {
  const end = bundle.subarray(0, maxHeader).indexOf('\n\n');
  const lines = end === -1 ? [] : bundle.toString('utf8', 0, end).split('\n');
  const [signature, ...rest] = lines;
  if (signature !== '# v2 git bundle' && signature !== '# v3 git bundle')
    throw new UnreadableText('It is no git bundle: make one with `git bundle create history.bundle --all`');
  const references = new Map<string, string>();
  for (const line of rest) {
    if (line.startsWith('@') && line !== '@object-format=sha1')
      throw new UnreadableText(`The bundle needs ${line.slice(1, 100)}, which is not supported`);
    const [hash = '', name] = line.split(' ', 2);
    if (objectName.test(hash) && name !== undefined) references.set(name, hash);
  }
  return { references, packAt: end + 2 };
};

interface ParsedCommit extends Commit {
  readonly hash: string;
  readonly parents: readonly string[];
  /** Seconds. */
  readonly time: number;
}

const signature = /^(.*?) <[^<>\n]*> (-?\d{1,12}) [+-]\d{4}$/;

const fieldsOf = (content: string): { readonly fields: [string, string][]; readonly message: string } => {
  const end = content.indexOf('\n\n');
  const head = end === -1 ? content : content.slice(0, end);
  const fields = head.split('\n').map((line): [string, string] => {
    const at = line.indexOf(' ');
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return { fields, message: end === -1 ? '' : content.slice(end + 2) };
};

const commitOf = (hash: string, { content }: GitObject, tags: readonly string[]): ParsedCommit => {
  const { fields, message } = fieldsOf(content.toString('utf8'));
  const field = (name: string): string | undefined => fields.find(([key]) => key === name)?.[1];
  const [, author] = signature.exec(field('author') ?? '') ?? [];
  const time = Number(signature.exec(field('committer') ?? '')?.[2] ?? 0);
  return {
    hash,
    message,
    author,
    date: new Date(Math.min(Math.max(time, 0), 253_402_300_799) * 1000).toISOString().slice(0, 10),
    tags,
    parents: fields.filter(([key]) => key === 'parent').map(([, value]) => value),
    time,
  };
};

/** The commit that a reference leads to: an annotated tag is an object of its own. */
const peeled = (objects: ReadonlyMap<string, GitObject>, hash: string): string => {
  let at = hash;
  for (let steps = 0; steps < 10; steps += 1) {
    const object = objects.get(at);
    if (object?.kind !== 'tag') return at;
    at = fieldsOf(object.content.toString('utf8')).fields.find(([key]) => key === 'object')?.[1] ?? at;
  }
  return at;
};

const tagsByCommit = (
  objects: ReadonlyMap<string, GitObject>,
  references: Header['references'],
): Map<string, string[]> => {
  const tags = new Map<string, string[]>();
  for (const [name, hash] of references) {
    if (!name.startsWith('refs/tags/')) continue;
    const commit = peeled(objects, hash);
    tags.set(commit, [...(tags.get(commit) ?? []), name.slice('refs/tags/'.length)]);
  }
  return tags;
};

/** Children before parents, and among those that may come next the latest first, as `git log --date-order` has it. */
const inOrder = (commits: ReadonlyMap<string, ParsedCommit>): ParsedCommit[] => {
  const children = new Map<string, number>();
  for (const { parents } of commits.values())
    for (const parent of new Set(parents)) children.set(parent, (children.get(parent) ?? 0) + 1);
  const open = new LatestFirst();
  for (const commit of commits.values()) if (!children.has(commit.hash)) open.add(commit);
  const ordered: ParsedCommit[] = [];
  for (let next = open.take(); next !== undefined; next = open.take()) {
    ordered.push(next);
    for (const hash of new Set(next.parents)) {
      const left = (children.get(hash) ?? 0) - 1;
      children.set(hash, left);
      const parent = commits.get(hash);
      if (left === 0 && parent !== undefined) open.add(parent);
    }
  }
  return ordered;
};

/** A binary heap of commits, the latest on top. */
class LatestFirst {
  private readonly heap: ParsedCommit[] = [];

  add(commit: ParsedCommit): void {
    const { heap } = this;
    heap.push(commit);
    for (let at = heap.length - 1; at > 0;) {
      const above = (at - 1) >> 1;
      if (this.timeAt(above) >= this.timeAt(at)) return;
      this.swap(above, at);
      at = above;
    }
  }

  take(): ParsedCommit | undefined {
    const { heap } = this;
    const [top] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const below = this.timeAt(right) > this.timeAt(left) ? right : left;
      if (this.timeAt(below) <= this.timeAt(at)) return top;
      this.swap(below, at);
      at = below;
    }
  }

  private timeAt(index: number): number {
    return this.heap[index]?.time ?? -Infinity;
  }

  private swap(one: number, other: number): void {
    const [a, b] = [this.heap[one], this.heap[other]];
    if (a === undefined || b === undefined) return;
    this.heap[one] = b;
    this.heap[other] = a;
  }
}

const reachable = (objects: ReadonlyMap<string, GitObject>, head: string, tags: ReadonlyMap<string, string[]>) => {
  const commits = new Map<string, ParsedCommit>();
  const missing = new Set<string>();
  const open = [head];
  for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
    if (commits.has(hash) || missing.has(hash)) continue;
    const object = objects.get(hash);
    if (object?.kind !== 'commit') {
      missing.add(hash);
      continue;
    }
    const commit = commitOf(hash, object, tags.get(hash) ?? []);
    commits.set(hash, commit);
    open.push(...commit.parents);
  }
  return { commits, missing };
};

const heads = ['HEAD', 'refs/heads/main', 'refs/heads/master'];

/**
 * Reads the history of a bundle.
 * @param wanted name of the branch or tag whose history it is; without, HEAD, main, master or the only branch
 * @throws UnreadableText when it is no bundle, is damaged, or has no such reference
 */
export const readBundle = (bundle: Buffer, wanted?: string): BundleHistory => {
  const { references, packAt } = headerOf(bundle);
  const branches = [...references.keys()].filter((name) => name.startsWith('refs/heads/'));
  const names =
    wanted === undefined ? [...heads, ...branches] : [wanted, `refs/heads/${wanted}`, `refs/tags/${wanted}`];
  const head =
    names.find((name) => references.has(name)) ?? (wanted === undefined ? [...references.keys()][0] : undefined);
  if (head === undefined) {
    const known = [...references.keys()].slice(0, 10).join(', ');
    throw new UnreadableText(`The bundle has no reference ${wanted?.slice(0, 100) ?? ''}; it has ${known || 'none'}`);
  }
  const objects = readPack(bundle.subarray(packAt));
  const tags = tagsByCommit(objects, references);
  const { commits, missing } = reachable(objects, peeled(objects, references.get(head) ?? ''), tags);
  if (commits.size === 0) throw new UnreadableText(`The bundle does not have the commit of ${head}`);
  return { commits: inOrder(commits), head, missing: [...missing] };
};
