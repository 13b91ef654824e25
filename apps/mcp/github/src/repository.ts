// Which repository a call is about, and whether the operator allows it.
import { ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { allowedBy, patternsOf, type Patterns } from './allowed.policy.js';

// No name of GitHub's is . or .., which would lead to another address.
export const Repository = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, 'is no repository like octocat/hello-world')
  .max(140)
  .describe('owner/name');

/** Path parameters of a repository. An alias, because octokit's parameters have an index signature. */
export type RepositoryPath = { readonly owner: string; readonly repo: string };

/** The allowed repositories. @returns undefined: every one that the credential reaches */
export const allowedRepositories = (call: ToolCallContext): Patterns | undefined => {
  const text = call.optional('GITHUB_REPOSITORIES');
  return text === undefined ? undefined : patternsOf(text);
};

/** @throws ToolError refused for a repository that GITHUB_REPOSITORIES does not name */
export const repositoryOf = (call: ToolCallContext, repository: string): RepositoryPath => {
  const allowed = allowedRepositories(call);
  if (allowed !== undefined && !allowedBy(allowed, repository))
    throw new ToolError('refused', `${repository} is not among the repositories that GITHUB_REPOSITORIES allows`);
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo };
};
