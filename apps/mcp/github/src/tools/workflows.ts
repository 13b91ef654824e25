// workflow_run_list, workflow_run_logs, workflow_dispatch: GitHub Actions.
import { defineTool, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import { z } from 'zod';

import { Branch, Ref, Sha } from '../git-names.js';
import { asAddress, askGitHub } from '../github.js';
import { Cursor, limitOf, NextCursor, nextCursor, pageOf } from '../paging.js';
import { Repository, repositoryOf, type RepositoryPath } from '../repository.js';
import { downloaded, stepLogs, type FailedStep } from '../run-logs.js';

const Workflow = z
  .string()
  .regex(/^(?:\d{1,15}|[\w-][\w.-]{0,200}\.ya?ml)$/, 'is no file name or id of a workflow')
  .describe('File name like ci.yml, or the id');

const RunId = z.number().int().min(1).describe('Id of the run');

const Run = z.object({
  id: z.number(),
  workflow: z.string().nullable(),
  title: z.string(),
  event: z.string(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  branch: z.string().nullable(),
  sha: z.string(),
  actor: z.string().nullable(),
  attempt: z.number().nullable(),
  started_at: z.string().nullable(),
  duration_s: z.number().nullable().describe('Seconds; null while it runs'),
  url: z.string(),
});

type RunAnswer =
  RestEndpointMethodTypes['actions']['listWorkflowRunsForRepo']['response']['data']['workflow_runs'][number];

const durationOf = ({ status, run_started_at, created_at, updated_at }: RunAnswer): number | null =>
  status === 'completed'
    ? Math.max(0, Math.round((Date.parse(updated_at) - Date.parse(run_started_at ?? created_at)) / 1000))
    : null;

const runView = (run: RunAnswer): z.input<typeof Run> => ({
  id: run.id,
  workflow: run.name ?? null,
  title: run.display_title,
  event: run.event,
  status: run.status,
  conclusion: run.conclusion,
  branch: run.head_branch,
  sha: run.head_sha,
  actor: run.actor?.login ?? null,
  attempt: run.run_attempt ?? null,
  started_at: run.run_started_at ?? null,
  duration_s: durationOf(run),
  url: run.html_url,
});

const statuses = [
  'queued',
  'in_progress',
  'completed',
  'success',
  'failure',
  'cancelled',
  'timed_out',
  'action_required',
  'skipped',
] as const;

const workflowRunList = defineTool({
  name: 'workflow_run_list',
  title: 'List workflow runs',
  description:
    'Runs of GitHub Actions, newest first, with conclusion and duration; of one workflow, branch, event, commit or status.',
  flag: 'read',
  input: z.object({
    repository: Repository,
    workflow: Workflow.optional(),
    branch: Branch.optional(),
    event: z
      .string()
      .regex(/^\w{1,50}$/, 'is no event')
      .optional()
      .describe('Like push or pull_request'),
    status: z.enum(statuses).optional().describe('Status or conclusion'),
    sha: Sha.optional().describe('Commit that the runs are of'),
    limit: limitOf(20),
    cursor: Cursor,
  }),
  output: z.object({ runs: z.array(Run), next_cursor: NextCursor }),
  examples: [{ arguments: { repository: 'octocat/hello-world', workflow: 'ci.yml', status: 'failure' } }],
  run: ({ repository, workflow, branch, event, status, sha, ...paging }, call) => {
    const at = repositoryOf(call, repository);
    const filters = {
      ...(branch && { branch }),
      ...(event && { event }),
      ...(status && { status }),
      ...(sha && { head_sha: sha }),
    };
    return askGitHub(call, async ({ actions }) => {
      const page = pageOf(paging);
      const query = { ...at, ...filters, ...page };
      const { data, headers } = workflow
        ? await actions.listWorkflowRuns({ ...query, workflow_id: workflow })
        : await actions.listWorkflowRunsForRepo(query);
      return { runs: data.workflow_runs.map(runView), next_cursor: nextCursor(headers, page) };
    });
  },
});

type Job = RestEndpointMethodTypes['actions']['listJobsForWorkflowRun']['response']['data']['jobs'][number];

interface RunPlace extends RepositoryPath {
  readonly run_id: number;
  readonly attempt: number | undefined;
}

const maxJobPages = 5;

const jobsOf = async ({ actions }: Octokit, { attempt, ...place }: RunPlace): Promise<readonly Job[]> => {
  const jobs: Job[] = [];
  for (let page = 1; page <= maxJobPages; page += 1) {
    const query = { ...place, per_page: 100, page };
    const { data } = attempt
      ? await actions.listJobsForWorkflowRunAttempt({ ...query, attempt_number: attempt })
      : await actions.listJobsForWorkflowRun({ ...query, filter: 'latest' });
    jobs.push(...data.jobs);
    if (data.jobs.length < 100) break;
  }
  return jobs;
};

const failures: readonly (string | null)[] = ['failure', 'timed_out'];

const failedSteps = ({ name: job, conclusion, steps = [] }: Job): FailedStep[] =>
  failures.includes(conclusion)
    ? steps.filter((step) => failures.includes(step.conclusion)).map(({ number, name }) => ({ job, number, name }))
    : [];

/** GitHub answers with an address that is signed for a minute. */
const archiveOf = async (
  { actions }: Octokit,
  { attempt, ...place }: RunPlace,
  call: ToolCallContext,
): Promise<Buffer> => {
  const request = asAddress;
  const { headers, data } = attempt
    ? await actions.downloadWorkflowRunAttemptLogs({ ...place, attempt_number: attempt, request })
    : await actions.downloadWorkflowRunLogs({ ...place, request });
  await (data as ReadableStream | null)?.cancel();
  if (headers.location === undefined) throw new ToolError('upstream_error', 'GitHub names no address of the logs');
  return downloaded(call, headers.location);
};

const maxSteps = 20;

const StepLogs = z.object({
  conclusion: z.string().nullable(),
  steps: z.array(
    z.object({
      job: z.string(),
      number: z.number(),
      name: z.string(),
      log: z.string().describe('The end of the log'),
      truncated: z.boolean(),
      of_job: z.boolean().describe('Whether this is the log of the whole job, because there is none of the step'),
      missing: z.string().nullable().describe('Why there is no log'),
    }),
  ),
  failed_jobs: z.array(z.string()).describe('All jobs that failed, also those without a failed step'),
  truncated: z.boolean(),
});

const workflowRunLogs = defineTool({
  name: 'workflow_run_logs',
  title: 'Logs of failed steps',
  description: 'The ends of the logs of the failed steps of a run of GitHub Actions that is over.',
  flag: 'read',
  input: z.object({
    repository: Repository,
    run_id: RunId,
    attempt: z.number().int().min(1).max(1_000).optional().describe('By default the latest'),
    max_bytes: z.number().int().min(200).max(20_000).default(10_000).describe('Of each step, from the end'),
  }),
  output: StepLogs,
  examples: [{ arguments: { repository: 'octocat/hello-world', run_id: 30433642 } }],
  run: ({ repository, run_id, attempt, max_bytes }, call) => {
    const at = repositoryOf(call, repository);
    const place = { ...at, run_id, attempt };
    return askGitHub(call, async (octokit) => {
      const { data: run } = await octokit.actions.getWorkflowRun({ ...at, run_id });
      if (run.status !== 'completed' && attempt === undefined)
        throw new ToolError(
          'conflict',
          `Run ${run_id} is ${run.status ?? 'not over'}: GitHub has its logs when it is over`,
        );
      const jobs = await jobsOf(octokit, place);
      const failed = jobs.flatMap(failedSteps);
      const asked = failed.slice(0, maxSteps);
      const steps = asked.length === 0 ? [] : await stepLogs(await archiveOf(octokit, place, call), asked, max_bytes);
      return {
        conclusion: run.conclusion,
        steps,
        failed_jobs: jobs.filter(({ conclusion }) => failures.includes(conclusion)).map(({ name }) => name),
        truncated: failed.length > asked.length || steps.some((step) => step.truncated),
      };
    });
  },
});

const workflowDispatch = defineTool({
  name: 'workflow_dispatch',
  title: 'Start a workflow',
  description: 'Starts a workflow that has the trigger workflow_dispatch, with inputs. A repeat starts another run.',
  flag: 'write',
  input: z.object({
    repository: Repository,
    workflow: Workflow,
    ref: Ref.describe('Branch or tag'),
    inputs: z
      .record(z.string().max(200), z.string().max(60_000))
      .refine((inputs) => Object.keys(inputs).length <= 25, 'are more than 25')
      .default({}),
  }),
  output: z.object({
    run_id: z.number().nullable().describe('null: this GitHub does not say which run it is'),
    url: z.string().nullable(),
  }),
  examples: [
    {
      arguments: { repository: 'octocat/hello-world', workflow: 'deploy.yml', ref: 'main', inputs: { stage: 'test' } },
    },
  ],
  run: ({ repository, workflow, ref, inputs }, call) => {
    const at = repositoryOf(call, repository);
    return askGitHub(call, async ({ actions }) => {
      const { data } = await actions.createWorkflowDispatch({
        ...at,
        workflow_id: workflow,
        ref,
        inputs,
        return_run_details: true,
      });
      const started = data as { workflow_run_id?: number; html_url?: string } | undefined;
      return { run_id: started?.workflow_run_id ?? null, url: started?.html_url ?? null };
    });
  },
});

export const workflowTools = [workflowRunList, workflowRunLogs, workflowDispatch];
