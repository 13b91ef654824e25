// Pull requests, issues and workflow runs of the fake GitHub's repository.
import type { Json, VendorAnswer, VendorRequest } from '@pulser/testing/vendor-api';

import { notFound, repository, user, type Fields, type Operations } from './fake-answers.js';
import type { FakeGitHub } from './fake-github.js';

export const validationFailed = (...errors: Json[]): VendorAnswer => ({
  status: 422,
  body: { message: 'Validation Failed', errors, documentation_url: 'https://docs.github.com/rest' },
});

export const pullFields = (number: number, given: Fields = {}, head = 'feature', base = 'main'): Fields => ({
  number,
  title: `Pull request ${number}`,
  body: 'What and why.',
  state: 'open',
  draft: false,
  merged: false,
  merged_at: null,
  mergeable: true,
  mergeable_state: 'clean',
  merge_commit_sha: null,
  user: user('octocat'),
  head: { ref: head, sha: 'a'.repeat(40), repo: { full_name: repository } },
  base: { ref: base, sha: 'b'.repeat(40), repo: { full_name: repository } },
  labels: [],
  html_url: `https://github.example/${repository}/pull/${number}`,
  ...given,
});

export const issueFields = (number: number, title: string, given: Fields = {}): Fields => ({
  ...{ number, title, state: 'open', user: user('octocat'), labels: [], assignees: [], body: 'Seen today.' },
  ...{
    html_url: `https://github.example/${repository}/issues/${number}`,
    repository_url: `https://github.example/api/v3/repos/${repository}`,
  },
  ...given,
});

export const pullOperations = (fake: FakeGitHub): Operations => {
  const one = (request: VendorRequest): Fields | undefined =>
    fake.pulls.find(({ number }) => number === Number(request.params['pull_number']));
  return {
    'pulls/list': (request) => {
      const state = request.query.get('state');
      const head = request.query.get('head')?.split(':')[1];
      const base = request.query.get('base');
      const found = fake.pulls.filter(
        (pull) =>
          (state === 'all' || pull['state'] === state) &&
          (head === undefined || (pull['head'] as Fields)['ref'] === head) &&
          (base === null || (pull['base'] as Fields)['ref'] === base),
      );
      return fake.paged(request, found);
    },
    'pulls/get': (request) => {
      const pull = one(request);
      return pull === undefined ? notFound : fake.answer(request, 200, pull);
    },
    'pulls/list-files': (request) => fake.paged(request, fake.files),
    'pulls/list-reviews': (request) => fake.paged(request, fake.reviews),
    'checks/list-for-ref': (request) =>
      fake.paged(request, fake.checkRuns, (check_runs) => ({ total_count: fake.checkRuns.length, check_runs })),
    'repos/get-combined-status-for-ref': (request) =>
      fake.paged(request, fake.statuses, (statuses) => ({
        state: 'success',
        total_count: fake.statuses.length,
        statuses,
      })),
    'pulls/create': (request) => {
      const order = request.body as { title: string; head: string; base: string; body: string; draft: boolean };
      if (!fake.git.branches.has(order.head))
        return validationFailed({ resource: 'PullRequest', field: 'head', code: 'invalid' });
      if (fake.pulls.some(({ head, state }) => state === 'open' && (head as Fields)['ref'] === order.head))
        return validationFailed({
          resource: 'PullRequest',
          code: 'custom',
          message: `A pull request already exists for acme:${order.head}.`,
        });
      const pull = pullFields(
        fake.pulls.length + 1,
        { title: order.title, body: order.body, draft: order.draft },
        order.head,
        order.base,
      );
      fake.pulls.push(pull);
      return fake.answer(request, 201, pull);
    },
    'pulls/create-review': (request) => {
      const {
        event,
        body = '',
        comments = [],
        commit_id,
      } = request.body as { event: string; body?: string; comments?: Fields[]; commit_id?: string };
      fake.comments.push(...comments);
      const state =
        { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' }[event] ?? 'PENDING';
      const review = {
        id: fake.reviews.length + 1,
        state,
        body,
        user: user('octocat'),
        commit_id: commit_id ?? 'a'.repeat(40),
      };
      fake.reviews.push(review);
      return fake.answer(request, 200, review);
    },
    'pulls/merge': (request) => {
      const pull = one(request);
      const { sha } = request.body as { sha: string };
      if (pull === undefined) return notFound;
      if ((pull['head'] as Fields)['sha'] !== sha)
        return { status: 409, body: { message: 'Head branch was modified. Review and try the merge again.' } };
      Object.assign(pull, {
        state: 'closed',
        merged: true,
        merged_at: '2026-03-01T00:00:00Z',
        merge_commit_sha: 'c'.repeat(40),
      });
      return fake.answer(request, 200, {
        merged: true,
        sha: 'c'.repeat(40),
        message: 'Pull Request successfully merged',
      });
    },
  };
};

export const issueOperations = (fake: FakeGitHub): Operations => {
  return {
    'issues/list-for-repo': (request) => {
      const state = request.query.get('state');
      return fake.paged(
        request,
        fake.issues.filter((issue) => state === 'all' || issue['state'] === state),
      );
    },
    'search/issues-and-pull-requests': (request) =>
      fake.paged(request, fake.issuesFound, (items) => ({
        total_count: items.length,
        incomplete_results: true,
        items,
      })),
    'issues/create': (request) => {
      const { title, body, labels, assignees } = request.body as {
        title: string;
        body: string;
        labels: string[];
        assignees: string[];
      };
      const known = labels.filter((label) => fake.labels.includes(label));
      const issue = issueFields(fake.issues.length + 1, title, {
        body,
        labels: known.map((name) => ({ name })),
        assignees: assignees.filter((login) => login === 'octocat').map(user),
      });
      fake.issues.push(issue);
      return fake.answer(request, 201, issue);
    },
    'issues/create-comment': (request) => {
      if (!fake.issues.some(({ number }) => number === Number(request.params['issue_number']))) return notFound;
      fake.comments.push(request.body as Fields);
      return fake.answer(request, 201, {
        id: fake.comments.length,
        created_at: '2026-03-01T00:00:00Z',
        html_url: 'https://github.example/c/1',
      });
    },
  };
};

export const runOperations = (fake: FakeGitHub): Operations => {
  const list = (request: VendorRequest): VendorAnswer => {
    const status = request.query.get('status');
    const found = fake.runs.filter(
      (run) => status === null || run['conclusion'] === status || run['status'] === status,
    );
    return fake.paged(request, found, (workflow_runs) => ({ total_count: found.length, workflow_runs }));
  };
  const jobs = (request: VendorRequest): VendorAnswer =>
    fake.paged(request, fake.jobs, (items) => ({ total_count: fake.jobs.length, jobs: items }));
  const logs = (): VendorAnswer => ({ status: 302, headers: { location: `${fake.vendor.origin}/signed/logs.zip` } });
  return {
    'actions/list-workflow-runs-for-repo': list,
    'actions/list-workflow-runs': list,
    'actions/get-workflow-run': (request) => {
      const run = fake.runs.find(({ id }) => id === Number(request.params['run_id']));
      return run === undefined ? notFound : fake.answer(request, 200, run);
    },
    'actions/list-jobs-for-workflow-run': jobs,
    'actions/list-jobs-for-workflow-run-attempt': jobs,
    'actions/download-workflow-run-logs': logs,
    'actions/download-workflow-run-attempt-logs': logs,
    'actions/create-workflow-dispatch': (request) => {
      if (request.params['workflow_id'] !== 'deploy.yml')
        return { status: 422, body: { message: "Workflow does not have 'workflow_dispatch' trigger" } };
      fake.dispatched.push(request.body);
      return fake.answer(request, 200, {
        workflow_run_id: 77,
        html_url: `https://github.example/${repository}/actions/runs/77`,
      });
    },
  };
};
