// GITHUB_REPOSITORIES: `octocat/hello-world, acme/*, acme/web-*`.

export interface Pattern {
  readonly owner: string;
  readonly name: string;
}
export type Patterns = readonly Pattern[];

/** Comma or space separated; a pattern without a slash is an owner. */
export const patternsOf = (text: string): Patterns =>
  text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .map((item) => {
      const [owner = '', name = '*'] = item.split('/');
      return { owner, name };
    });

// A star stands for any characters; everything else for itself.
const matches = (pattern: string, text: string): boolean => {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  const middle = text.slice(first.length, text.length - last.length);
  let from = 0;
  return rest.every((part) => {
    const at = middle.indexOf(part, from);
    from = at + part.length;
    return at !== -1;
  });
};

/** GitHub's names know no case. */
export const allowedBy = (patterns: Patterns, repository: string): boolean => {
  const [owner = '', name = ''] = repository.toLowerCase().split('/');
  return patterns.some((pattern) => matches(pattern.owner, owner) && matches(pattern.name, name));
};

/**
 * Qualifiers of a search that cover what is allowed, maybe with more around it: answers are filtered again.
 * @returns undefined: no qualifier says it, because the owner is a pattern
 */
export const searchScopes = (patterns: Patterns): readonly string[] | undefined => {
  if (patterns.some(({ owner }) => owner.includes('*'))) return undefined;
  const scopes = patterns.map(({ owner, name }) => (name.includes('*') ? `user:${owner}` : `repo:${owner}/${name}`));
  return [...new Set(scopes)];
};
