// A repository's objects as git has them: blobs, trees, commits and branches, named by hashes.
import { createHash } from 'node:crypto';

/** Path to blob: a whole tree, flat. */
export type Files = ReadonlyMap<string, { readonly mode: string; readonly sha: string }>;

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: string;
  readonly date: string;
}

export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly size?: number;
}

export interface TreeChange {
  readonly path: string;
  readonly mode: string;
  readonly sha?: string | null;
  readonly content?: string;
}

const hash = (kind: string, content: string | Buffer): string =>
  createHash('sha1').update(kind).update(content).digest('hex');

export class FakeGit {
  readonly blobs = new Map<string, Buffer>();
  readonly trees = new Map<string, Files>();
  readonly commits = new Map<string, Commit>();
  readonly branches = new Map<string, string>();

  blob(content: string | Buffer): string {
    const bytes = Buffer.from(content);
    const sha = hash('blob', bytes);
    this.blobs.set(sha, bytes);
    return sha;
  }

  tree(files: Files): string {
    const sorted = new Map([...files].toSorted(([left], [right]) => (left < right ? -1 : 1)));
    const sha = hash('tree', JSON.stringify([...sorted]));
    this.trees.set(sha, sorted);
    return sha;
  }

  commit(parts: Omit<Commit, 'sha'>): string {
    const sha = hash('commit', JSON.stringify(parts));
    this.commits.set(sha, { sha, ...parts });
    return sha;
  }

  /** Commits files on a branch, which need not be there. */
  push(
    branch: string,
    files: Readonly<Record<string, string | Buffer>>,
    message = 'a change',
    author = 'octocat',
  ): string {
    const head = this.branches.get(branch);
    const before = head === undefined ? new Map() : this.filesOf(head);
    const added = Object.entries(files).map(
      ([path, content]) => [path, { mode: '100644', sha: this.blob(content) }] as const,
    );
    const tree = this.tree(new Map([...before, ...added]));
    const date = new Date(Date.UTC(2026, 0, 1, 0, this.commits.size)).toISOString().replace('.000', '');
    const sha = this.commit({ tree, parents: head === undefined ? [] : [head], message, author, date });
    this.branches.set(branch, sha);
    return sha;
  }

  /** The commit of a branch, HEAD or a commit. */
  resolve(ref: string): string | undefined {
    if (ref === 'HEAD') return this.branches.get('main');
    return this.branches.get(ref.replace(/^(?:refs\/)?heads\//, '')) ?? (this.commits.has(ref) ? ref : undefined);
  }

  filesOf(commit: string): Files {
    return this.trees.get(this.commits.get(commit)?.tree ?? '') ?? new Map();
  }

  /** A tree by its own id, or that of a ref. */
  treeId(ref: string): string | undefined {
    if (this.trees.has(ref)) return ref;
    return this.commits.get(this.resolve(ref) ?? '')?.tree;
  }

  entries(tree: string, recursive: boolean): readonly TreeEntry[] {
    const files: Files = this.trees.get(tree) ?? new Map<string, never>();
    const directories = new Map<string, Map<string, { mode: string; sha: string }>>();
    const entries: TreeEntry[] = [];
    for (const [path, file] of files) {
      const [first = '', ...rest] = path.split('/');
      if (rest.length === 0) entries.push({ path, ...file, type: 'blob', size: this.blobs.get(file.sha)?.length ?? 0 });
      else
        directories.set(
          first,
          (directories.get(first) ?? new Map<string, { mode: string; sha: string }>()).set(rest.join('/'), file),
        );
    }
    for (const [name, inside] of directories) {
      const sha = this.tree(inside);
      entries.push({ path: name, mode: '040000', type: 'tree', sha });
      if (recursive)
        entries.push(...this.entries(sha, true).map((entry) => ({ ...entry, path: `${name}/${entry.path}` })));
    }
    return entries.toSorted((left, right) => (left.path < right.path ? -1 : 1));
  }

  changed(base: string, changes: readonly TreeChange[]): string {
    const files = new Map(this.trees.get(base));
    for (const { path, mode, sha, content } of changes) {
      if (sha === null) files.delete(path);
      else files.set(path, { mode, sha: sha ?? this.blob(content ?? '') });
    }
    return this.tree(files);
  }

  history(ref: string): readonly Commit[] {
    const found: Commit[] = [];
    for (
      let commit = this.commits.get(this.resolve(ref) ?? '');
      commit;
      commit = this.commits.get(commit.parents[0] ?? '')
    )
      found.push(commit);
    return found;
  }
}
