// The checks of a commit: check runs and commit statuses as one list.
import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import { z } from 'zod';

import type { RepositoryPath } from './repository.js';

export const Check = z.object({
  name: z.string(),
  outcome: z.enum(['passed', 'failed', 'pending']),
  detail: z.string().describe("GitHub's own word for it"),
  url: z.string().nullable(),
});
export type Check = z.infer<typeof Check>;

type CheckRun = RestEndpointMethodTypes['checks']['listForRef']['response']['data']['check_runs'][number];
type Status = RestEndpointMethodTypes['repos']['getCombinedStatusForRef']['response']['data']['statuses'][number];

const passing: readonly (string | null)[] = ['success', 'neutral', 'skipped'];

const ofRun = ({ name, status, conclusion, html_url }: CheckRun): Check => ({
  name,
  outcome: status !== 'completed' ? 'pending' : passing.includes(conclusion) ? 'passed' : 'failed',
  detail: conclusion ?? status,
  url: html_url,
});

const outcomes: Readonly<Record<string, Check['outcome']>> = { success: 'passed', pending: 'pending' };

const ofStatus = ({ context, state, target_url }: Status): Check => ({
  name: context,
  outcome: outcomes[state] ?? 'failed',
  detail: state,
  url: target_url,
});

const perPage = 100;
const maxPages = 10;

// Every page: a failed check on the last one counts as well.
const everyPage = async <Item>(
  ask: (page: number) => Promise<readonly Item[]>,
): Promise<{ items: readonly Item[]; complete: boolean }> => {
  const items: Item[] = [];
  for (let page = 1; page <= maxPages; page += 1) {
    const found = await ask(page);
    items.push(...found);
    if (found.length < perPage) return { items, complete: true };
  }
  return { items, complete: false };
};

/** The latest run of each check, and the latest status of each context; `complete` is false over 1,000 of a kind. */
export const checksOf = async (
  { checks, repos }: Octokit,
  at: RepositoryPath,
  ref: string,
): Promise<{ readonly checks: readonly Check[]; readonly complete: boolean }> => {
  const place = { ...at, ref, per_page: perPage };
  const [runs, statuses] = await Promise.all([
    everyPage(async (page) => (await checks.listForRef({ ...place, page })).data.check_runs),
    everyPage(async (page) => (await repos.getCombinedStatusForRef({ ...place, page })).data.statuses),
  ]);
  return {
    checks: [...runs.items.map(ofRun), ...statuses.items.map(ofStatus)],
    complete: runs.complete && statuses.complete,
  };
};
