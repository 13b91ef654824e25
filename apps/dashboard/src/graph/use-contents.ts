import { useQueries } from '@tanstack/react-query';

import { api } from '../api/client.js';
import { contentOf, type StepContent } from './graph-source.js';

/** What is in the boxes that are open, as far as it is there. @param wanted paths by the id of the box */
export const useContents = (wanted: ReadonlyMap<string, string>): ReadonlyMap<string, StepContent> => {
  const entries = [...wanted];
  const answers = useQueries({
    queries: entries.map(([, path]) => ({
      queryKey: ['graph-content', path],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Parameters<typeof contentOf>[0]>(path, { signal }),
      // A definition stays as it is.
      ...(path.startsWith('/api/v1/runs/') && { meta: { liveEveryMs: 1_500 } }),
    })),
  });
  return new Map(
    entries.flatMap(([id], index) => {
      const data = answers[index]?.data;
      return data === undefined ? [] : [[id, contentOf(data)] as const];
    }),
  );
};
