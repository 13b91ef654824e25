import type {
  AcceptedTask,
  DatasetRows,
  DatasetVersionDetail,
  DatasetVersionView,
  DatasetView,
  TaskPage,
  TaskSummary,
} from '@pulser/contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { datasetVersionOf, type KnownLineage } from './lineage.policy.js';

export const datasetPath = (name: string): string => `/api/v1/datasets/${encodeURIComponent(name)}`;

export const versionPath = (name: string, version: number): string => `${datasetPath(name)}/versions/${version}`;

/** A dataset with its versions, the newest first, page by page. */
export const versionsQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: ['datasets', name, 'versions'],
    queryFn: ({ pageParam, signal }) =>
      api.get<DatasetView>(datasetPath(name), { query: { limit: 50, before: pageParam }, signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next_before }: DatasetView) => next_before ?? undefined,
    meta: { liveEveryMs: 15_000 },
  });

/** How much there is of a dataset, asked for before it is deleted. */
export const wholeQuery = (name: string) =>
  queryOptions({
    queryKey: ['datasets', name, 'whole'],
    queryFn: async ({ signal }): Promise<{ name: string; versions: number; bytes: number }> => {
      let [versions, bytes] = [0, 0];
      let before: number | undefined;
      do {
        const page = await api.get<DatasetView>(datasetPath(name), { query: { limit: 100, before }, signal });
        versions += page.versions.length;
        bytes += page.versions.reduce((sum, version) => sum + version.bytes, 0);
        before = page.next_before ?? undefined;
      } while (before !== undefined);
      return { name, versions, bytes };
    },
    gcTime: 0,
    staleTime: 0,
  });

/** A version with what it was made from and who has read it. */
export const versionQuery = (name: string, version: number) =>
  queryOptions({
    queryKey: ['datasets', name, 'version', version],
    queryFn: ({ signal }) => api.get<DatasetVersionDetail>(versionPath(name, version), { signal }),
  });

/** The task that reads rows works on after its client has waited. @throws Error then, to be tried again */
const rowsIn = (answer: DatasetRows | AcceptedTask): DatasetRows => {
  if ('rows' in answer) return answer;
  throw new Error('The rows are still being read: try again in a moment');
};

/** A version never changes, and neither do its rows. The pages after the first one are read by tasks. */
export const rowsQuery = (name: string, version: DatasetVersionView) =>
  infiniteQueryOptions({
    queryKey: ['datasets', name, 'rows', version.version, version.sha256],
    queryFn: async ({ pageParam: offset, signal }) =>
      rowsIn(
        await api.get<DatasetRows | AcceptedTask>(`${versionPath(name, version.version)}/rows`, {
          query: { offset },
          signal,
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: ({ next_offset: next }: DatasetRows) => next,
    staleTime: Infinity,
  });

/** So far back a lineage is followed. */
const maxSteps = 3;
const maxDatasets = 12;
export const shownReaders = 6;

/** Undefined when it is there no more. */
const ifThere = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (isApiError(error, 'not_found')) return undefined;
    throw error;
  }
};

/** What the list says of a task: without its payload, which may be large. */
const taskOf = async (taskId: string, signal: AbortSignal): Promise<TaskSummary | undefined> => {
  const { tasks } = await api.get<TaskPage>('/api/v1/tasks', { query: { q: taskId, limit: 1 }, signal });
  return tasks[0];
};

/** The version, the datasets that it goes back to, and the tasks in between and after it. */
export const lineageQuery = (name: string, version: number) =>
  queryOptions({
    queryKey: ['datasets', name, 'lineage', version],
    queryFn: async ({ signal }): Promise<KnownLineage> => {
      const versions = new Map<string, DatasetVersionDetail>();
      const start = await api.get<DatasetVersionDetail>(versionPath(name, version), { signal });
      versions.set(start.reference, start);
      let step: readonly DatasetVersionDetail[] = [start];
      for (let depth = 0; depth < maxSteps && step.length > 0; depth += 1) {
        const references = [...new Set(step.flatMap(({ made_from }) => made_from.map(({ reference }) => reference)))];
        const wanted = references
          .filter((reference) => !versions.has(reference))
          .flatMap((reference) => datasetVersionOf(reference) ?? [])
          .slice(0, maxDatasets - versions.size);
        const found = await Promise.all(
          wanted.map((of) => ifThere(api.get<DatasetVersionDetail>(versionPath(of.name, of.version), { signal }))),
        );
        step = found.filter((one) => one !== undefined);
        for (const one of step) versions.set(one.reference, one);
      }
      const readers = start.used_by.slice(0, shownReaders).map(({ task_id }) => task_id);
      const makers = [...versions.values()].map(({ made_by }) => made_by);
      const ids = [...new Set([...makers, ...readers])];
      const tasks = await Promise.all(ids.map((id) => taskOf(id, signal)));
      return {
        start: start.reference,
        versions,
        tasks: new Map(ids.flatMap((id, index) => (tasks[index] === undefined ? [] : [[id, tasks[index]] as const]))),
      };
    },
  });
