// pr_review_create, pr_merge: what is said about a pull request, and its end.
import { setTimeout as delay } from 'node:timers/promises';

import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import { z } from 'zod';

import { checksOf } from '../checks.js';
import { Path, Sha } from '../git-names.js';
import { askGitHub } from '../github.js';
import {
  branchRules,
  mergeMethods,
  mergeObstacles,
  type BranchRules,
  type MergeMethod,
  type Review,
} from '../merge.policy.js';
import { PullNumber } from '../pull-requests.js';
import { Repository, repositoryOf, type RepositoryPath } from '../repository.js';

const Line = z.number().int().min(1);
const Side = z.enum(['LEFT', 'RIGHT']);

const InlineComment = z.strictObject({
  path: Path,
  body: z.string().min(1).max(20_000),
  line: Line.describe('Last line that the comment is about, counted in the file'),
  side: Side.default('RIGHT').describe('RIGHT: the new file; LEFT: the old one'),
  start_line: Line.optional().describe('First line, when there are several'),
});
type InlineComment = z.infer<typeof InlineComment>;

const commentOf = ({ start_line, ...comment }: InlineComment) => ({
  ...comment,
  ...(start_line !== undefined && { start_line, start_side: comment.side }),
});

const prReviewCreate = defineTool({
  name: 'pr_review_create',
  title: 'Review a pull request',
  description: 'Submits one review with its inline comments. A repeat submits another one.',
  flag: 'write',
  input: z.object({
    repository: Repository,
    number: PullNumber,
    event: z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT']),
    body: z.string().max(60_000).default('').describe('Needed unless the review approves'),
    comments: z.array(InlineComment).max(50).default([]),
    commit: Sha.optional().describe('Commit that was reviewed; by default the head'),
  }),
  output: z.object({
    id: z.number(),
    state: z.string(),
    commit: z.string().nullable(),
    comments: z.number(),
    url: z.string(),
  }),
  examples: [
    {
      arguments: {
        repository: 'octocat/hello-world',
        number: 7,
        event: 'REQUEST_CHANGES',
        body: 'One question.',
        comments: [{ path: 'src/index.ts', line: 12, body: 'May this be undefined?' }],
      },
    },
  ],
  run: ({ repository, number, event, body, comments, commit }, call) => {
    const at = repositoryOf(call, repository);
    if (event !== 'APPROVE' && body === '')
      throw new ToolError('invalid_args', `body: a review with ${event} needs one`);
    return askGitHub(call, async ({ pulls }) => {
      const { data } = await pulls.createReview({
        ...{ ...at, pull_number: number, event },
        ...(body !== '' && { body }),
        ...(comments.length > 0 && { comments: comments.map(commentOf) }),
        ...(commit && { commit_id: commit }),
      });
      return { id: data.id, state: data.state, commit: data.commit_id, comments: comments.length, url: data.html_url };
    });
  },
});

type Pull = RestEndpointMethodTypes['pulls']['get']['response']['data'];
type PullPlace = RepositoryPath & { readonly pull_number: number };

const looks = 5;
const pauseMs = 1_000;

/** GitHub works out in the background whether a pull request conflicts with its base: looked at again for a few seconds. */
const settledPull = async ({ pulls }: Octokit, place: PullPlace, signal: AbortSignal): Promise<Pull> => {
  for (let look = 1; ; look += 1) {
    const { data } = await pulls.get(place);
    if (data.mergeable !== null || data.state !== 'open' || look === looks) return data;
    await delay(pauseMs, undefined, { signal });
  }
};

const rulesOf = async ({ repos }: Octokit, at: RepositoryPath, branch: string): Promise<BranchRules> => {
  const place = { ...at, branch };
  const [{ data: base }, { data: rules }] = await Promise.all([
    repos.getBranch(place),
    repos.getBranchRules({ ...place, per_page: 100 }),
  ]);
  return branchRules(rules, base.protection.required_status_checks?.contexts ?? []);
};

const maxReviewPages = 10;

const everyReview = async ({ pulls }: Octokit, place: PullPlace): Promise<readonly Review[]> => {
  const reviews: Review[] = [];
  for (let page = 1; page <= maxReviewPages; page += 1) {
    const { data } = await pulls.listReviews({ ...place, per_page: 100, page });
    reviews.push(...data.map(({ user, state }) => ({ author: user?.login ?? 'unknown', state })));
    if (data.length < 100) break;
  }
  return reviews;
};

/** @throws ToolError refused with everything that stands against the merge */
const checkMergeable = async (octokit: Octokit, place: PullPlace, pull: Pull, method: MergeMethod): Promise<void> => {
  const { owner, repo } = place;
  const [{ checks, complete }, rules, reviews] = await Promise.all([
    checksOf(octokit, { owner, repo }, pull.head.sha),
    rulesOf(octokit, { owner, repo }, pull.base.ref),
    everyReview(octokit, place),
  ]);
  const obstacles = mergeObstacles({
    ...{ draft: pull.draft ?? false, mergeable: pull.mergeable, mergeableState: pull.mergeable_state, method },
    ...{ checks, checksComplete: complete, rules, reviews },
  });
  if (obstacles.length > 0)
    throw new ToolError('refused', `Pull request ${pull.number} may not be merged: ${obstacles.join('; ')}`);
};

/** @throws ToolError conflict when the pull request is not what was reviewed */
const checkState = (pull: Pull, head: string): void => {
  if (pull.head.sha !== head) throw new ToolError('conflict', `The head is ${pull.head.sha} now, not ${head}`);
  if (pull.state !== 'open') throw new ToolError('conflict', `Pull request ${pull.number} is closed`);
  if (pull.mergeable === null)
    throw new ToolError('conflict', 'GitHub has not worked out yet whether it can be merged', { retryAfterS: 10 });
};

const prMerge = defineTool({
  name: 'pr_merge',
  title: 'Merge a pull request',
  description:
    'Merges a pull request when all checks of its head pass and the rules of its base branch allow it; otherwise it is refused with every reason. A repeat after the merge changes nothing.',
  flag: 'destructive',
  idempotent: true,
  input: z.object({
    repository: Repository,
    number: PullNumber,
    head_sha: Sha.describe('Head of the pull request that was reviewed: a later one is not merged'),
    method: z.enum(mergeMethods).default('squash'),
    commit_title: z.string().min(1).max(256).optional(),
    commit_message: z.string().max(20_000).optional(),
  }),
  output: z.object({
    merged: z.boolean(),
    sha: z.string().nullable().describe('The commit on the base branch'),
    already_merged: z.boolean(),
  }),
  examples: [
    {
      arguments: {
        repository: 'octocat/hello-world',
        number: 7,
        head_sha: '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d',
        method: 'squash',
      },
    },
  ],
  run: ({ repository, number, head_sha, method, commit_title, commit_message }, call) => {
    const place = { ...repositoryOf(call, repository), pull_number: number };
    return askGitHub(call, async (octokit) => {
      const pull = await settledPull(octokit, place, call.signal);
      if (pull.merged && pull.head.sha === head_sha)
        return { merged: true, sha: pull.merge_commit_sha, already_merged: true };
      checkState(pull, head_sha);
      await checkMergeable(octokit, place, pull, method);
      const texts = { ...(commit_title && { commit_title }), ...(commit_message && { commit_message }) };
      const { data } = await octokit.pulls.merge({ ...place, sha: head_sha, merge_method: method, ...texts });
      return { merged: data.merged, sha: data.sha, already_merged: false };
    });
  },
});

export const reviewTools = [prReviewCreate, prMerge];
