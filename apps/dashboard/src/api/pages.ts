// Lists of the API that come in pages, as one growing list.
import { infiniteQueryOptions, type QueryKey } from '@tanstack/react-query';

import { api, type Query } from './client.js';

/** What every list answers beside its items. */
export interface Paged {
  readonly next_cursor: string | null;
}

interface PagesOf {
  readonly key: QueryKey;
  readonly path: string;
  readonly query?: Query;
}

/** Options for `useInfiniteQuery`: `cursor` goes from page to page; the list ends where `next_cursor` is null. */
export const pagesOf = <Page extends Paged>({ key, path, query }: PagesOf) =>
  infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => api.get<Page>(path, { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page) => page.next_cursor ?? undefined,
  });
