// pr_list, pr_get, pr_create.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import { z } from 'zod';

import { Check, checksOf } from '../checks.js';
import { excerptOf } from '../excerpt.js';
import { Branch } from '../git-names.js';
import { askGitHub } from '../github.js';
import { Cursor, limitOf, NextCursor, nextCursor, pageOf } from '../paging.js';
import { PullNumber, PullRequest, pullRequestView } from '../pull-requests.js';
import { Repository, repositoryOf, type RepositoryPath } from '../repository.js';

// GitHub's list knows no author: so many pages are looked through for one.
const maxPages = 5;
const scannedPerPage = 100;

type ListQuery = RestEndpointMethodTypes['pulls']['list']['parameters'];

interface Found {
  readonly pull_requests: readonly PullRequest[];
  readonly next_cursor: string | null;
}

const pageOfPulls = async (
  { pulls }: Octokit,
  query: ListQuery,
  paging: { cursor?: string | undefined; limit: number },
): Promise<Found> => {
  const page = pageOf(paging);
  const { data, headers } = await pulls.list({ ...query, ...page });
  return { pull_requests: data.map(pullRequestView), next_cursor: nextCursor(headers, page) };
};

/** Pages until enough are found: a page is never cut, so that the next one goes on behind it. */
const byAuthor = async (
  octokit: Octokit,
  query: ListQuery,
  author: string,
  cursor: string | undefined,
  limit: number,
): Promise<Found> => {
  const found: PullRequest[] = [];
  let next: string | null = cursor ?? '1';
  for (let pages = 0; pages < maxPages && next !== null && found.length < limit; pages += 1) {
    const page = await pageOfPulls(octokit, query, { cursor: next, limit: scannedPerPage });
    found.push(...page.pull_requests.filter((pull) => pull.author?.toLowerCase() === author.toLowerCase()));
    next = page.next_cursor;
  }
  return { pull_requests: found, next_cursor: next };
};

const prList = defineTool({
  name: 'pr_list',
  title: 'List pull requests',
  description: 'Pull requests of a repository, the last updated first; by state, base branch, head branch or author.',
  flag: 'read',
  input: z.object({
    repository: Repository,
    state: z.enum(['open', 'closed', 'all']).default('open'),
    base: Branch.optional(),
    head: Branch.optional().describe('Branch of the same repository'),
    author: z.string().min(1).max(100).optional().describe('Login. With it a page may have fewer or more than limit'),
    limit: limitOf(30),
    cursor: Cursor,
  }),
  output: z.object({ pull_requests: z.array(PullRequest), next_cursor: NextCursor }),
  examples: [{ arguments: { repository: 'octocat/hello-world', state: 'open', base: 'main' } }],
  run: ({ repository, state, base, head, author, ...paging }, call) => {
    const at = repositoryOf(call, repository);
    const query: ListQuery = {
      ...at,
      ...{ state, sort: 'updated', direction: 'desc' },
      ...(base && { base }),
      ...(head && { head: `${at.owner}:${head}` }),
    };
    return askGitHub(call, async (octokit) => {
      const found = author
        ? await byAuthor(octokit, query, author, paging.cursor, paging.limit)
        : await pageOfPulls(octokit, query, paging);
      return { pull_requests: [...found.pull_requests], next_cursor: found.next_cursor };
    });
  },
});

const maxBody = 20_000;
// All together stays below the bound of a result, also in scripts of three bytes a character.
const maxPatches = 150_000;

const File = z.object({
  path: z.string(),
  previous_path: z.string().nullable(),
  status: z.string(),
  additions: z.number(),
  deletions: z.number(),
  patch: z.string().nullable().describe('Unified diff; null where GitHub gives none or it was left out'),
  patch_truncated: z.boolean(),
});
type File = z.input<typeof File>;

type FileAnswer = RestEndpointMethodTypes['pulls']['listFiles']['response']['data'][number];

const fileView = (file: FileAnswer, room: number): File => {
  const patch = excerptOf(file.patch, room);
  return {
    path: file.filename,
    previous_path: file.previous_filename ?? null,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    patch: file.patch === undefined || patch.text === '' ? null : patch.text,
    patch_truncated: patch.truncated,
  };
};

/** The diffs share what room there is, in the order of the files. */
const filesWithin = (files: readonly FileAnswer[], maxCharacters: number): File[] => {
  let room = maxCharacters;
  return files.map((file) => {
    const view = fileView(file, room);
    room -= view.patch?.length ?? 0;
    return view;
  });
};

const Review = z.object({
  author: z.string().nullable(),
  state: z.string(),
  body: z.string(),
  submitted_at: z.string().nullable(),
});

const reviewsOf = async ({ pulls }: Octokit, pull: RepositoryPath & { pull_number: number }) => {
  const { data, headers } = await pulls.listReviews({ ...pull, per_page: 100 });
  const reviews = data.map(({ user, state, body, submitted_at }): z.input<typeof Review> => ({
    author: user?.login ?? null,
    state,
    body: excerptOf(body, 500).text,
    submitted_at: submitted_at ?? null,
  }));
  return { reviews, complete: nextCursor(headers, { page: 1, per_page: 100 }) === null };
};

/** A credential for code and pull requests may lack the right to read checks: then the rest is still of use. */
const checksOrReason = async (octokit: Octokit, at: RepositoryPath, sha: string) => {
  try {
    const { checks, complete } = await checksOf(octokit, at, sha);
    return {
      checks: checks.slice(0, 200),
      checks_complete: complete && checks.length <= 200,
      checks_unavailable: null,
    };
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'refused') throw error;
    return { checks: [], checks_complete: false, checks_unavailable: error.message };
  }
};

const prGet = defineTool({
  name: 'pr_get',
  title: 'Get a pull request',
  description:
    'One pull request with its description, changed files with their diff, reviews, and the checks of its head.',
  flag: 'read',
  input: z.object({
    repository: Repository,
    number: PullNumber,
    diff: z.boolean().default(true).describe('Whether the diffs of the files come along'),
    limit: limitOf(100).describe('Files in a page'),
    cursor: Cursor.describe('next_cursor of the answer before: the page of files that follows'),
  }),
  output: z.object({
    ...PullRequest.shape,
    body: z.string(),
    mergeable: z.boolean().nullable().describe('null: GitHub has not worked it out yet'),
    mergeable_state: z.string().describe('clean, unstable, blocked, behind, dirty, draft or unknown'),
    additions: z.number(),
    deletions: z.number(),
    changed_files: z.number(),
    files: z.array(File),
    next_cursor: NextCursor,
    reviews: z.array(Review),
    checks: z.array(Check),
    checks_complete: z.boolean(),
    checks_unavailable: z.string().nullable().describe('Why the checks could not be read'),
    truncated: z.boolean().describe('Whether the description, diffs or reviews were cut'),
  }),
  examples: [{ arguments: { repository: 'octocat/hello-world', number: 7 } }],
  run: ({ repository, number, diff, ...paging }, call) => {
    const at = repositoryOf(call, repository);
    const place = { ...at, pull_number: number };
    return askGitHub(call, async (octokit) => {
      const page = pageOf(paging);
      const [{ data }, listed, { reviews, complete }] = await Promise.all([
        octokit.pulls.get(place),
        octokit.pulls.listFiles({ ...place, ...page }),
        reviewsOf(octokit, place),
      ]);
      const checks = await checksOrReason(octokit, at, data.head.sha);
      const files = filesWithin(listed.data, diff ? maxPatches : 0);
      const body = excerptOf(data.body, maxBody);
      return {
        ...pullRequestView(data),
        body: body.text,
        ...{ mergeable: data.mergeable, mergeable_state: data.mergeable_state },
        ...{ additions: data.additions, deletions: data.deletions, changed_files: data.changed_files },
        ...{ files, next_cursor: nextCursor(listed.headers, page), reviews, ...checks },
        truncated: body.truncated || !complete || (diff && files.some((file) => file.patch_truncated)),
      };
    });
  },
});

/** The open pull request of a head, for the message of a conflict. */
const openOne = async (
  { pulls }: Octokit,
  at: RepositoryPath,
  head: string,
  base: string,
): Promise<number | undefined> => {
  const { data } = await pulls.list({
    ...at,
    state: 'open',
    head: head.includes(':') ? head : `${at.owner}:${head}`,
    base,
    per_page: 1,
  });
  return data[0]?.number;
};

// A branch, or a branch of a fork as `owner:branch`.
const Head = z
  .string()
  .regex(/^(?:[\w-]+:)?[^\s:~^?*[\\]{1,250}$/, 'is no branch')
  .describe('Branch with the changes; of a fork owner:branch');

const prCreate = defineTool({
  name: 'pr_create',
  title: 'Open a pull request',
  description:
    'Opens a pull request from a branch. When one is open for the branch already, the call is a conflict that names it.',
  flag: 'write',
  // GitHub keeps one open pull request for a head and a base.
  idempotent: true,
  input: z.object({
    repository: Repository,
    head: Head,
    base: Branch,
    title: z.string().min(1).max(256),
    body: z.string().max(60_000).default(''),
    draft: z.boolean().default(false),
  }),
  output: z.object({ ...PullRequest.shape }),
  examples: [
    {
      arguments: {
        repository: 'octocat/hello-world',
        head: 'feature/greeting',
        base: 'main',
        title: 'docs: greet the reader',
      },
    },
  ],
  run: ({ repository, ...order }, call) => {
    const at = repositoryOf(call, repository);
    return askGitHub(call, async (octokit) => {
      try {
        const { data } = await octokit.pulls.create({ ...at, ...order });
        return pullRequestView(data);
      } catch (error) {
        if (!(error instanceof ToolError) || error.code !== 'conflict') throw error;
        const number = await openOne(octokit, at, order.head, order.base);
        if (number === undefined) throw error;
        throw new ToolError('conflict', `Pull request ${number} is open for ${order.head} already`, { cause: error });
      }
    });
  },
});

export const pullRequestTools = [prList, prGet, prCreate];
