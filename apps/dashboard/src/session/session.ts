// Who is logged in: asked of the API, never kept here. The cookie is out of reach of scripts.
import type { CallerView } from '@pulser/contracts';
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';

import { api } from '../api/client.js';
import { isApiError } from '../api/problem.js';

/** The caller, or null when nobody is logged in. */
export const callerQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<CallerView | null> => {
    try {
      return await api.get<CallerView>('/api/v1/me', { signal });
    } catch (error) {
      if (isApiError(error, 'unauthenticated')) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

const ranks = ['viewer', 'operator', 'approver', 'admin'] as const satisfies readonly CallerView['role'][];

/** Whether the caller may what at least this role may: for what a page offers. The API decides. */
export const may = (caller: Pick<CallerView, 'role'> | null | undefined, least: CallerView['role']): boolean =>
  caller !== null && caller !== undefined && ranks.indexOf(caller.role) >= ranks.indexOf(least);

/** The caller of a page: there is one, else the frame would show the login. */
export const useCaller = (): CallerView | undefined => useQuery(callerQuery).data ?? undefined;

/** Whether the caller may what at least this role may. */
export const useMay = (least: CallerView['role']): boolean => may(useCaller(), least);

/** Logs in with an API key, or with the code of a one-time link. @throws ApiError */
export const logIn = async (client: QueryClient, secret: { key: string } | { code: string }): Promise<void> => {
  await api.post('/api/v1/sessions', secret);
  client.clear();
  await client.query(callerQuery);
};

/** Ends the session here and on the server. */
export const logOut = async (client: QueryClient): Promise<void> => {
  await api.delete('/api/v1/sessions/current').catch((error: unknown) => {
    if (!isApiError(error, 'unauthenticated')) throw error;
  });
  client.clear();
  client.setQueryData(callerQuery.queryKey, null);
};
