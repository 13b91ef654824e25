// issue_list, issue_create, issue_comment_create.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import { z } from 'zod';

import { excerptOf } from '../excerpt.js';
import { askGitHub } from '../github.js';
import { Cursor, limitOf, NextCursor, nextCursor, pageOf } from '../paging.js';
import { Repository, repositoryOf, type RepositoryPath } from '../repository.js';
import { hasScope, searchable } from '../search.policy.js';

const Login = z.string().regex(/^[\w-]{1,100}(?:\[bot\])?$/, 'is no login');
const Label = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^",]+$/, 'has a quote or a comma');

const Issue = z.object({
  number: z.number(),
  title: z.string(),
  state: z.string(),
  state_reason: z.string().nullable(),
  author: z.string().nullable(),
  labels: z.array(z.string()),
  assignees: z.array(z.string()),
  comments: z.number(),
  excerpt: z.string().describe('Start of its text'),
  created_at: z.string(),
  updated_at: z.string(),
  url: z.string(),
});

type ListedIssue = RestEndpointMethodTypes['issues']['listForRepo']['response']['data'][number];
type FoundIssue = RestEndpointMethodTypes['search']['issuesAndPullRequests']['response']['data']['items'][number];

const nameOf = (label: string | { readonly name?: string | null }): string =>
  typeof label === 'string' ? label : (label.name ?? '');

const issueView = (issue: ListedIssue | FoundIssue): z.input<typeof Issue> => ({
  number: issue.number,
  title: issue.title,
  state: issue.state,
  state_reason: issue.state_reason ?? null,
  author: issue.user?.login ?? null,
  labels: issue.labels.map(nameOf),
  assignees: (issue.assignees ?? []).map(({ login }) => login),
  comments: issue.comments,
  excerpt: excerptOf(issue.body, 500).text,
  created_at: issue.created_at,
  updated_at: issue.updated_at,
  url: issue.html_url,
});

const IssueFilters = {
  state: z.enum(['open', 'closed', 'all']).default('open'),
  labels: z.array(Label).max(10).default([]).describe('All of them'),
  author: Login.optional(),
  assignee: Login.optional(),
  updated_since: z.iso.datetime({ offset: true }).optional(),
};
type IssueFilters = z.output<z.ZodObject<typeof IssueFilters>>;
type Paging = Parameters<typeof pageOf>[0];

const listed = async ({ issues }: Octokit, at: RepositoryPath, filters: IssueFilters, paging: Paging) => {
  const page = pageOf(paging);
  const { state, labels, author, assignee, updated_since } = filters;
  const { data, headers } = await issues.listForRepo({
    ...{ ...at, ...page, state, sort: 'updated', direction: 'desc' },
    ...(labels.length > 0 && { labels: labels.join(',') }),
    ...(author && { creator: author }),
    ...(assignee && { assignee }),
    ...(updated_since && { since: updated_since }),
  });
  // For GitHub every pull request is an issue, too.
  const found = data.filter((issue) => issue.pull_request === undefined);
  return { issues: found.map(issueView), incomplete: false, next_cursor: nextCursor(headers, page) };
};

const searchText = (query: string, { owner, repo }: RepositoryPath, filters: IssueFilters): string => {
  const { state, labels, author, assignee, updated_since } = filters;
  return [
    `repo:${owner}/${repo}`,
    'is:issue',
    ...(state === 'all' ? [] : [`state:${state}`]),
    ...labels.map((label) => `label:"${label}"`),
    ...(author ? [`author:${author}`] : []),
    ...(assignee ? [`assignee:${assignee}`] : []),
    ...(updated_since ? [`updated:>=${updated_since}`] : []),
    query,
  ].join(' ');
};

const searched = async (
  { search }: Octokit,
  at: RepositoryPath,
  query: string,
  filters: IssueFilters,
  paging: Paging,
) => {
  const page = pageOf(paging);
  const { data, headers } = await search.issuesAndPullRequests({ q: searchText(query, at, filters), ...page });
  // Whatever the query made of the qualifiers.
  const here = `/repos/${at.owner}/${at.repo}`.toLowerCase();
  const found = data.items.filter(
    (item) => item.pull_request === undefined && item.repository_url.toLowerCase().endsWith(here),
  );
  return { issues: found.map(issueView), incomplete: data.incomplete_results, next_cursor: nextCursor(headers, page) };
};

const issueList = defineTool({
  name: 'issue_list',
  title: 'List issues',
  description:
    'Issues of a repository, the last updated first; with a query the best matches of a search. A page may have fewer than limit.',
  flag: 'read',
  input: z.object({
    repository: Repository,
    query: z
      .string()
      .min(1)
      .max(200)
      .refine(searchable, 'has control characters')
      .optional()
      .describe('Words to search for in titles and texts'),
    ...IssueFilters,
    limit: limitOf(30),
    cursor: Cursor,
  }),
  output: z.object({
    issues: z.array(Issue),
    incomplete: z.boolean().describe('GitHub ran out of time and may have left out some'),
    next_cursor: NextCursor,
  }),
  examples: [{ arguments: { repository: 'octocat/hello-world', query: 'memory leak', labels: ['bug'] } }],
  run: ({ repository, query, limit, cursor, ...filters }, call) => {
    const at = repositoryOf(call, repository);
    if (query !== undefined && hasScope(query))
      throw new ToolError('invalid_args', 'query: the repository is named in repository, not in the query');
    const paging = { limit, cursor };
    return askGitHub(call, (octokit) =>
      query === undefined ? listed(octokit, at, filters, paging) : searched(octokit, at, query, filters, paging),
    );
  },
});

const left = (wanted: readonly string[], got: readonly string[]): string[] => {
  const names = new Set(got.map((name) => name.toLowerCase()));
  return wanted.filter((name) => !names.has(name.toLowerCase()));
};

const issueCreate = defineTool({
  name: 'issue_create',
  title: 'Open an issue',
  description: 'Opens an issue. Labels and assignees that GitHub did not take are named. A repeat opens another issue.',
  flag: 'write',
  input: z.object({
    repository: Repository,
    title: z.string().min(1).max(256),
    body: z.string().max(60_000).default(''),
    labels: z.array(Label).max(20).default([]),
    assignees: z.array(Login).max(10).default([]),
  }),
  output: z.object({
    number: z.number(),
    url: z.string(),
    labels: z.array(z.string()),
    assignees: z.array(z.string()),
    ignored: z
      .array(z.string())
      .describe('Labels and assignees that GitHub left out, for lack of rights or because they are unknown'),
  }),
  examples: [{ arguments: { repository: 'octocat/hello-world', title: 'The greeting is cold', labels: ['bug'] } }],
  run: ({ repository, ...order }, call) => {
    const at = repositoryOf(call, repository);
    return askGitHub(call, async ({ issues }) => {
      const { data } = await issues.create({ ...at, ...order });
      const labels = data.labels.map(nameOf);
      const assignees = (data.assignees ?? []).map(({ login }) => login);
      const ignored = [...left(order.labels, labels), ...left(order.assignees, assignees)];
      return { number: data.number, url: data.html_url, labels, assignees, ignored };
    });
  },
});

const issueCommentCreate = defineTool({
  name: 'issue_comment_create',
  title: 'Comment on an issue',
  description: 'Adds a comment to an issue or a pull request. A repeat adds another one.',
  flag: 'write',
  input: z.object({
    repository: Repository,
    number: z.number().int().min(1).describe('Of the issue or pull request'),
    body: z.string().min(1).max(60_000),
  }),
  output: z.object({ id: z.number(), url: z.string(), created_at: z.string() }),
  examples: [{ arguments: { repository: 'octocat/hello-world', number: 7, body: 'Seen on 24.1 as well.' } }],
  run: ({ repository, number, body }, call) => {
    const at = repositoryOf(call, repository);
    return askGitHub(call, async ({ issues }) => {
      const { data } = await issues.createComment({ ...at, issue_number: number, body });
      return { id: data.id, url: data.html_url, created_at: data.created_at };
    });
  },
});

export const issueTools = [issueList, issueCreate, issueCommentCreate];
