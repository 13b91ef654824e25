// A pull request as tools show it.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import { z } from 'zod';

export const PullNumber = z.number().int().min(1).describe('Number of the pull request');

const Side = z.object({ repository: z.string().nullable(), branch: z.string(), sha: z.string() });

export const PullRequest = z.object({
  number: z.number(),
  title: z.string(),
  state: z.enum(['open', 'closed']),
  merged: z.boolean(),
  draft: z.boolean(),
  author: z.string().nullable(),
  head: Side,
  base: Side,
  labels: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
  url: z.string(),
});
export type PullRequest = z.input<typeof PullRequest>;

type Listed = RestEndpointMethodTypes['pulls']['list']['response']['data'][number];
type Single = RestEndpointMethodTypes['pulls']['get']['response']['data'];

const side = ({
  repo,
  ref,
  sha,
}: {
  readonly repo: { readonly full_name: string } | null;
  readonly ref: string;
  readonly sha: string;
}) => ({
  repository: repo?.full_name ?? null,
  branch: ref,
  sha,
});

export const pullRequestView = (pull: Listed | Single): PullRequest => ({
  number: pull.number,
  title: pull.title,
  state: pull.state === 'open' ? 'open' : 'closed',
  merged: pull.merged_at !== null,
  draft: pull.draft ?? false,
  author: pull.user?.login ?? null,
  head: side(pull.head),
  base: side(pull.base),
  labels: pull.labels.map(({ name }) => name),
  created_at: pull.created_at,
  updated_at: pull.updated_at,
  url: pull.html_url,
});
