// commit_list, branch_create, file_commit.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import { z } from 'zod';

import { excerptOf } from '../excerpt.js';
import { Branch, Path, Ref, Sha } from '../git-names.js';
import { askGitHub } from '../github.js';
import { Cursor, limitOf, NextCursor, nextCursor, pageOf } from '../paging.js';
import { Repository, repositoryOf, type RepositoryPath } from '../repository.js';

const Instant = z.iso.datetime({ offset: true });

const commitList = defineTool({
  name: 'commit_list',
  title: 'List commits',
  description: 'Commits that lead to a ref, newest first; of one path, one author or a time.',
  flag: 'read',
  input: z.object({
    repository: Repository,
    ref: Ref.optional().describe('Branch, tag or commit; by default the default branch'),
    path: Path.optional().describe('Only commits that touch this file or directory'),
    author: z.string().min(1).max(200).optional().describe('Login or e-mail address'),
    since: Instant.optional(),
    until: Instant.optional(),
    limit: limitOf(30),
    cursor: Cursor,
  }),
  output: z.object({
    commits: z.array(
      z.object({
        sha: z.string(),
        message: z.string(),
        message_truncated: z.boolean(),
        author: z.string().nullable().describe('Login, or the name in the commit'),
        date: z.string().nullable(),
        parents: z.array(z.string()),
        verified: z.boolean().nullable().describe('Whether GitHub has verified the signature'),
        url: z.string(),
      }),
    ),
    next_cursor: NextCursor,
  }),
  examples: [{ arguments: { repository: 'octocat/hello-world', path: 'README.md', limit: 5 } }],
  run: ({ repository, ref, path, author, since, until, ...paging }, call) => {
    const at = repositoryOf(call, repository);
    const filters = {
      ...(ref && { sha: ref }),
      ...(path && { path }),
      ...(author && { author }),
      ...(since && { since }),
      ...(until && { until }),
    };
    return askGitHub(call, async ({ repos }) => {
      const page = pageOf(paging);
      const { data, headers } = await repos.listCommits({ ...at, ...filters, ...page });
      const commits = data.map(({ sha, commit, author: account, parents, html_url }) => {
        const message = excerptOf(commit.message, 2_000);
        return {
          sha,
          message: message.text,
          message_truncated: message.truncated,
          author: account?.login ?? commit.author?.name ?? null,
          date: commit.author?.date ?? null,
          parents: parents.map((parent) => parent.sha),
          verified: commit.verification?.verified ?? null,
          url: html_url,
        };
      });
      return { commits, next_cursor: nextCursor(headers, page) };
    });
  },
});

const headOf = async (octokit: Octokit, at: RepositoryPath, branch: string): Promise<string> => {
  const { data } = await octokit.git.getRef({ ...at, ref: `heads/${branch}` });
  return data.object.sha;
};

/** @returns false when the branch was there already, at the same commit */
const created = async (octokit: Octokit, at: RepositoryPath, branch: string, sha: string): Promise<boolean> => {
  try {
    await octokit.git.createRef({ ...at, ref: `refs/heads/${branch}`, sha });
    return true;
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'conflict') throw error;
    const head = await headOf(octokit, at, branch);
    if (head === sha) return false;
    throw new ToolError('conflict', `${branch} is there already, at ${head}`, { cause: error });
  }
};

const branchCreate = defineTool({
  name: 'branch_create',
  title: 'Create a branch',
  description: 'Creates a branch at a ref. A repeat that finds the branch at the same commit changes nothing.',
  flag: 'write',
  idempotent: true,
  input: z.object({
    repository: Repository,
    branch: Branch,
    from: Ref.default('HEAD').describe('Branch, tag or commit; by default the head of the default branch'),
  }),
  output: z.object({
    branch: z.string(),
    sha: z.string(),
    created: z.boolean().describe('false: it was there already'),
  }),
  examples: [{ arguments: { repository: 'octocat/hello-world', branch: 'feature/greeting', from: 'main' } }],
  run: ({ repository, branch, from }, call) => {
    const at = repositoryOf(call, repository);
    return askGitHub(call, async (octokit) => {
      const { data } = await octokit.repos.getCommit({ ...at, ref: from, per_page: 1 });
      return { branch, sha: data.sha, created: await created(octokit, at, branch, data.sha) };
    });
  },
});

const Change = z
  .strictObject({
    path: Path,
    content: z.string().max(2_000_000).optional().describe('The whole new content'),
    encoding: z.enum(['utf-8', 'base64']).default('utf-8').describe('Of content'),
    executable: z.boolean().default(false),
    delete: z.boolean().default(false),
  })
  .refine((change) => change.delete !== (change.content !== undefined), 'needs content, or delete: true');
type Change = z.infer<typeof Change>;

type TreeChange = NonNullable<RestEndpointMethodTypes['git']['createTree']['parameters']['tree']>[number];

const distinct = (changes: readonly Change[]): boolean =>
  new Set(changes.map(({ path }) => path)).size === changes.length;

const treeChange = async (octokit: Octokit, at: RepositoryPath, change: Change): Promise<TreeChange> => {
  const { path, content = '', encoding, executable } = change;
  const place = { path, mode: executable ? '100755' : '100644', type: 'blob' } as const;
  if (change.delete) return { ...place, sha: null };
  if (encoding === 'utf-8') return { ...place, content };
  const { data } = await octokit.git.createBlob({ ...at, content, encoding });
  return { ...place, sha: data.sha };
};

/** @throws ToolError refused for the default branch: changes reach it by pull requests */
const checkBranch = async (octokit: Octokit, at: RepositoryPath, branch: string): Promise<void> => {
  const { data } = await octokit.repos.get(at);
  if (data.default_branch === branch)
    throw new ToolError('refused', `${branch} is the default branch: commit to another one and open a pull request`);
};

/** @returns undefined when the changes change nothing */
const treeWith = async (
  octokit: Octokit,
  at: RepositoryPath,
  head: string,
  changes: readonly Change[],
): Promise<string | undefined> => {
  const base = (await octokit.git.getCommit({ ...at, commit_sha: head })).data.tree.sha;
  const tree = await Promise.all(changes.map((change) => treeChange(octokit, at, change)));
  const { data } = await octokit.git.createTree({ ...at, base_tree: base, tree });
  return data.sha === base ? undefined : data.sha;
};

const fileCommit = defineTool({
  name: 'file_commit',
  title: 'Commit files',
  description:
    'Writes, replaces or deletes files as one commit on a branch that is not the default one. A repeat that would change nothing makes no commit.',
  flag: 'write',
  idempotent: true,
  input: z.object({
    repository: Repository,
    branch: Branch,
    message: z.string().min(1).max(10_000),
    files: z.array(Change).min(1).max(50).refine(distinct, 'name a path twice'),
    expected_head: Sha.optional().describe('Commit that the branch must be at; otherwise the call is a conflict'),
  }),
  output: z.object({
    branch: z.string(),
    sha: z.string().describe('Head of the branch now'),
    committed: z.boolean().describe('false: the files were like this already'),
    url: z.string().nullable(),
  }),
  examples: [
    {
      arguments: {
        repository: 'octocat/hello-world',
        branch: 'feature/greeting',
        message: 'docs: greet the reader',
        files: [{ path: 'README.md', content: '# Hello\n' }],
      },
    },
  ],
  run: ({ repository, branch, message, files, expected_head }, call) => {
    const at = repositoryOf(call, repository);
    return askGitHub(call, async (octokit) => {
      await checkBranch(octokit, at, branch);
      const head = await headOf(octokit, at, branch);
      if (expected_head !== undefined && head !== expected_head)
        throw new ToolError('conflict', `${branch} is at ${head}, not at ${expected_head}`);
      const tree = await treeWith(octokit, at, head, files);
      if (tree === undefined) return { branch, sha: head, committed: false, url: null };
      const { data } = await octokit.git.createCommit({ ...at, message, tree, parents: [head] });
      // Without force: a commit that came in between is not lost, the call is a conflict.
      await octokit.git.updateRef({ ...at, ref: `heads/${branch}`, sha: data.sha, force: false });
      return { branch, sha: data.sha, committed: true, url: data.html_url };
    });
  },
});

export const commitTools = [commitList, branchCreate, fileCommit];
