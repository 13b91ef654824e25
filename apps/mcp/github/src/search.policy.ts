// What a caller may write into a search of GitHub's.

const scope = /(?:^|[^\p{L}\p{N}])(?:repo|repository|user|org|owner|enterprise|saved)\s*:/iu;

/** Whether a query says by itself where to search: only the tool says that. */
export const hasScope = (query: string): boolean => scope.test(query);

export const searchable = (query: string): boolean => !/\p{Cc}/u.test(query);
