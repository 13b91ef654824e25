// repo_get, repo_tree_list: what a repository is and what lies in it.
import { defineTool, fitting, ToolError } from '@pulser/mcp-server-kit';
import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import { z } from 'zod';

import { Path, Ref } from '../git-names.js';
import { askGitHub } from '../github.js';
import { NextCursor } from '../paging.js';
import { Repository, repositoryOf, type RepositoryPath } from '../repository.js';

type RepositoryAnswer = RestEndpointMethodTypes['repos']['get']['response']['data'];

const roles = ['admin', 'maintain', 'push', 'triage', 'pull'] as const;

const RepositoryView = z.object({
  repository: z.string(),
  description: z.string().nullable(),
  url: z.string(),
  default_branch: z.string(),
  visibility: z.string(),
  archived: z.boolean(),
  fork: z.boolean(),
  license: z.string().nullable().describe('SPDX identifier'),
  topics: z.array(z.string()),
  stars: z.number(),
  forks: z.number(),
  open_issues: z.number().describe('Open issues and pull requests'),
  size_kb: z.number(),
  pushed_at: z.string().nullable(),
  may: z.array(z.string()).describe('Roles of the credential here: admin, maintain, push, triage, pull'),
  languages: z.array(z.object({ name: z.string(), bytes: z.number() })).describe('Most used first'),
});

const repositoryView = (data: RepositoryAnswer, languages: Record<string, number>): z.input<typeof RepositoryView> => ({
  repository: data.full_name,
  description: data.description,
  url: data.html_url,
  default_branch: data.default_branch,
  visibility: data.visibility ?? (data.private ? 'private' : 'public'),
  archived: data.archived,
  fork: data.fork,
  license: data.license?.spdx_id ?? null,
  topics: data.topics ?? [],
  stars: data.stargazers_count,
  forks: data.forks_count,
  open_issues: data.open_issues_count,
  size_kb: data.size,
  pushed_at: data.pushed_at,
  may: roles.filter((role) => data.permissions?.[role] === true),
  languages: Object.entries(languages)
    .map(([name, bytes]) => ({ name, bytes }))
    .toSorted((left, right) => right.bytes - left.bytes),
});

const repoGet = defineTool({
  name: 'repo_get',
  title: 'Get a repository',
  description:
    'Metadata of a repository: default branch, visibility, license, languages, and what the credential may do there.',
  flag: 'read',
  input: z.object({ repository: Repository }),
  output: RepositoryView,
  examples: [{ arguments: { repository: 'octocat/hello-world' } }],
  run: ({ repository }, call) => {
    const at = repositoryOf(call, repository);
    return askGitHub(call, async ({ repos }) => {
      const [{ data }, languages] = await Promise.all([repos.get(at), repos.listLanguages(at)]);
      return repositoryView(data, languages.data);
    });
  },
});

type Tree = RestEndpointMethodTypes['git']['getTree']['response']['data'];

const treeOf = async (octokit: Octokit, at: RepositoryPath, tree_sha: string, recursive = false): Promise<Tree> => {
  const { data } = await octokit.git.getTree({ ...at, tree_sha, ...(recursive && { recursive: '1' }) });
  return data;
};

/** The id of the tree of a directory, found from the root of a ref. */
const treeIdAt = async (octokit: Octokit, at: RepositoryPath, ref: string, path: string): Promise<string> => {
  let id = ref;
  for (const name of path.split('/')) {
    const { tree } = await treeOf(octokit, at, id);
    const entry = tree.find((each) => each.path === name);
    if (entry === undefined) throw new ToolError('not_found', `There is no ${path} at ${ref}`);
    if (entry.type !== 'tree')
      throw new ToolError('invalid_args', `${path} is no directory at ${ref}: read it with repo_file_get`);
    id = entry.sha;
  }
  return id;
};

// The tree as it was when the first page was made, and where in it the next page starts.
const TreeCursor = z.string().regex(/^[0-9a-f]{40,64}:\d{1,6}$/, 'is no cursor of an earlier answer');

const positionOf = (cursor: string | undefined): { readonly id: string | undefined; readonly from: number } => {
  const [id, from = '0'] = cursor?.split(':') ?? [];
  return { id, from: Number(from) };
};

const kinds: Readonly<Record<string, 'file' | 'directory' | 'submodule'>> = {
  blob: 'file',
  tree: 'directory',
  commit: 'submodule',
};

const TreeEntry = z.object({
  path: z.string().describe('Below the listed directory'),
  kind: z.enum(['file', 'directory', 'symlink', 'submodule']),
  sha: z.string(),
  size: z.number().nullable().describe('Bytes of a file'),
  executable: z.boolean(),
});

const TreeView = z.object({
  tree: z.string().describe('Id of the listed tree'),
  entries: z.array(TreeEntry),
  next_cursor: NextCursor,
  truncated: z
    .boolean()
    .describe('GitHub leaves out entries of a tree with more than 100,000: list its directories one by one'),
});

// Long paths make long pages: what does not fit comes with the next one.
const maxPageBytes = 800_000;

const pageOfTree = ({ sha, tree, truncated }: Tree, from: number, limit: number): z.input<typeof TreeView> => {
  const entries = tree.slice(from, from + limit).map((entry): z.input<typeof TreeEntry> => ({
    path: entry.path,
    kind: entry.mode === '120000' ? 'symlink' : (kinds[entry.type] ?? 'file'),
    sha: entry.sha,
    size: entry.size ?? null,
    executable: entry.mode === '100755',
  }));
  const page = fitting(entries, maxPageBytes);
  const end = from + page.length;
  return { tree: sha, entries: [...page], next_cursor: end < tree.length ? `${sha}:${end}` : null, truncated };
};

const repoTreeList = defineTool({
  name: 'repo_tree_list',
  title: 'List files',
  description:
    'Entries of a directory of a repository at a ref, or with recursive of everything below it. Pages show one unchanging state.',
  flag: 'read',
  input: z.object({
    repository: Repository,
    ref: Ref.default('HEAD').describe('Branch, tag or commit; by default the default branch'),
    path: Path.optional().describe('Directory; by default the root'),
    recursive: z.boolean().default(false),
    limit: z.number().int().min(1).max(1_000).default(200),
    cursor: TreeCursor.optional().describe('next_cursor of the answer before, with the same other arguments'),
  }),
  output: TreeView,
  examples: [{ arguments: { repository: 'octocat/hello-world', path: 'src', recursive: true } }],
  run: ({ repository, ref, path, recursive, limit, cursor }, call) => {
    const at = repositoryOf(call, repository);
    return askGitHub(call, async (octokit) => {
      const { id, from } = positionOf(cursor);
      const tree = id ?? (path === undefined ? ref : await treeIdAt(octokit, at, ref, path));
      return pageOfTree(await treeOf(octokit, at, tree, recursive), from, limit);
    });
  },
});

export const repositoryTools = [repoGet, repoTreeList];
