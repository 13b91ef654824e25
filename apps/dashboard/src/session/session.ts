// Who is logged in: asked of the API, never kept here. The cookie is out of reach of scripts.
import type { CallerView, LoginWays } from '@pulser/contracts';
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';

import { api } from '../api/client.js';
import { isApiError } from '../api/problem.js';
import { may } from './rank.policy.js';
import { type KnownEnd, sessionEndIn } from './session-end.policy.js';

let lastEnd: KnownEnd | undefined;

/** Why the session that this browser had is not let in: known once the caller was asked for. */
export const lastSessionEnd = (): KnownEnd | undefined => lastEnd;

/** The caller, or null when nobody is logged in. */
export const callerQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<CallerView | null> => {
    try {
      return await api.get<CallerView>('/api/v1/me', { signal });
    } catch (error) {
      if (isApiError(error, 'unauthenticated')) {
        lastEnd = sessionEndIn(error);
        return null;
      }
      throw error;
    }
  },
  staleTime: 60_000,
});

export { may };

/** The caller of a page: there is one, else the frame would show the login. */
export const useCaller = (): CallerView | undefined => useQuery(callerQuery).data ?? undefined;

/** Whether the caller may what at least this role may. */
export const useMay = (least: CallerView['role']): boolean => may(useCaller(), least);

/** How this browser can log in, and whether it has: asked without being refused, so that nothing is logged as an error. */
export const waysQuery = queryOptions({
  queryKey: ['login-ways'],
  queryFn: ({ signal }) => api.get<LoginWays>('/api/v1/sessions/ways', { signal }),
});

/** Logs in with an API key, or with the code of a one-time link. @throws ApiError */
export const logIn = async (client: QueryClient, secret: { key: string } | { code: string }): Promise<void> => {
  await api.post('/api/v1/sessions', secret);
  lastEnd = undefined;
  client.clear();
  await client.query(callerQuery);
};

/** Ends the session here and on the server. */
export const logOut = async (client: QueryClient): Promise<void> => {
  await api.delete('/api/v1/sessions/current').catch((error: unknown) => {
    if (!isApiError(error, 'unauthenticated')) throw error;
  });
  lastEnd = undefined;
  client.clear();
  client.setQueryData(callerQuery.queryKey, null);
};
