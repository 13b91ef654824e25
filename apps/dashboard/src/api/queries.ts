// How answers are kept: one cache, asked again when something changed, when the connection is back, when the tab is seen.
import { QueryClient } from '@tanstack/react-query';

import { ApiError } from './problem.js';

const maxRetries = 3;

/** Milliseconds; the server's Retry-After when it gave one. */
const retryDelay = (attempt: number, error: Error): number => {
  const asked = error instanceof ApiError ? error.facts.retryAfterS : undefined;
  return asked === undefined ? Math.min(1_000 * 2 ** attempt, 15_000) : asked * 1_000;
};

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // Events tell what changed: without one, what is younger than this is shown as it is.
        staleTime: 10_000,
        gcTime: 5 * 60_000,
        retry: (count, error) => count < maxRetries && error instanceof ApiError && error.isTransient,
        retryDelay,
        refetchOnWindowFocus: true,
        // Requests decide by themselves: a browser that thinks it is offline can still reach its own machine.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
