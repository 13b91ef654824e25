// repo_file_get, code_search: the text of files.
import { defineTool, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import type { Octokit } from '@octokit/rest';
import { z } from 'zod';

import { allowedBy, searchScopes } from '../allowed.policy.js';
import { excerptOf } from '../excerpt.js';
import { filePart } from '../file-bytes.policy.js';
import { Path, Ref } from '../git-names.js';
import { askGitHub, asStream } from '../github.js';
import { Cursor, limitOf, NextCursor, nextCursor, pageOf } from '../paging.js';
import { allowedRepositories, Repository, repositoryOf, type RepositoryPath } from '../repository.js';
import { hasScope, searchable } from '../search.policy.js';

type FilePlace = RepositoryPath & { readonly path: string; readonly ref?: string };

const fileAt = async (octokit: Octokit, place: FilePlace) => {
  const { data } = await octokit.repos.getContent(place);
  if (Array.isArray(data))
    throw new ToolError('invalid_args', `${place.path} is a directory: list it with repo_tree_list`);
  if (data.type !== 'file' || !('content' in data))
    throw new ToolError('invalid_args', `${place.path} is a ${data.type}, not a file`);
  return data;
};

const streamed = async (stream: AsyncIterable<Uint8Array>, from: number, length: number): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of stream) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= from + length) break;
  }
  return Buffer.concat(parts).subarray(from, from + length);
};

/** GitHub leaves the content of a file over 1 MB out of the JSON: it is then read as it is, only as far as needed. */
const bytesOf = async (
  octokit: Octokit,
  place: FilePlace,
  file: { readonly encoding: string; readonly content: string },
  range: { readonly offset: number; readonly max_bytes: number },
): Promise<Buffer> => {
  const { offset, max_bytes } = range;
  if (file.encoding === 'base64') return Buffer.from(file.content, 'base64').subarray(offset, offset + max_bytes);
  const raw = await octokit.repos.getContent({ ...place, mediaType: { format: 'raw' }, request: asStream });
  return streamed(raw.data as unknown as ReadableStream<Uint8Array>, offset, max_bytes);
};

const repoFileGet = defineTool({
  name: 'repo_file_get',
  title: 'Read a file',
  description:
    'One file of a repository at a ref: as text, or in base64 where it is no UTF-8. Long files come in parts.',
  flag: 'read',
  input: z.object({
    repository: Repository,
    path: Path,
    ref: Ref.optional().describe('Branch, tag or commit; by default the default branch'),
    offset: z.number().int().min(0).default(0).describe('Byte at which the part starts'),
    max_bytes: z.number().int().min(4).max(150_000).default(60_000),
  }),
  output: z.object({
    path: z.string(),
    sha: z.string(),
    size: z.number().describe('Bytes of the whole file'),
    encoding: z.enum(['utf-8', 'base64']),
    content: z.string(),
    truncated: z.boolean(),
    next_offset: z.number().nullable().describe('Where the rest starts; null at the end'),
  }),
  examples: [{ arguments: { repository: 'octocat/hello-world', path: 'README.md' } }],
  run: ({ repository, path, ref, offset, max_bytes }, call) => {
    const place = { ...repositoryOf(call, repository), path, ...(ref !== undefined && { ref }) };
    return askGitHub(call, async (octokit) => {
      const file = await fileAt(octokit, place);
      const bytes = await bytesOf(octokit, place, file, { offset, max_bytes });
      const { bytes: covered, ...part } = filePart(bytes, offset + bytes.length < file.size);
      const end = offset + covered;
      const truncated = end < file.size;
      return {
        path: file.path,
        sha: file.sha,
        size: file.size,
        ...part,
        truncated,
        next_offset: truncated ? end : null,
      };
    });
  },
});

const maxScopes = 10;

/** Qualifiers that keep a search in allowed repositories. @throws ToolError when there are none */
const scopesOf = (call: ToolCallContext, repositories: readonly string[] | undefined): readonly string[] => {
  if (repositories !== undefined) {
    for (const repository of repositories) repositoryOf(call, repository);
    return repositories.map((repository) => `repo:${repository}`);
  }
  const allowed = allowedRepositories(call);
  const scopes = allowed && searchScopes(allowed);
  if (scopes === undefined || scopes.length === 0 || scopes.length > maxScopes)
    throw new ToolError('invalid_args', `repositories: name those to search, at most ${maxScopes}`);
  return scopes;
};

const word = z.string().regex(/^[\w+#./-]{1,100}$/, 'is no single word');

const CodeView = z.object({
  files: z.array(
    z.object({
      repository: z.string(),
      path: z.string(),
      sha: z.string(),
      url: z.string(),
      fragments: z.array(z.string()).describe('Parts of the file around what was found'),
    }),
  ),
  incomplete: z.boolean().describe('GitHub ran out of time and may have left out files'),
  next_cursor: NextCursor,
});

const codeSearch = defineTool({
  name: 'code_search',
  title: 'Search code',
  description:
    'Files of allowed repositories that contain the words of a query, on their default branches, with fragments.',
  flag: 'read',
  input: z.object({
    query: z
      .string()
      .min(1)
      .max(200)
      .refine(searchable, 'has control characters')
      .describe("Words, and GitHub's qualifiers in:, size:, symbol: and such, but none that names repositories"),
    repositories: z
      .array(Repository)
      .min(1)
      .max(maxScopes)
      .optional()
      .describe('By default those that GITHUB_REPOSITORIES allows'),
    language: word.optional(),
    path: word.optional().describe('Directory'),
    limit: limitOf(20),
    cursor: Cursor,
  }),
  output: CodeView,
  examples: [
    { arguments: { query: 'retryAfter in:file', repositories: ['octocat/hello-world'], language: 'typescript' } },
  ],
  run: ({ query, repositories, language, path, ...paging }, call) => {
    if (hasScope(query))
      throw new ToolError('invalid_args', 'query: repositories are named in repositories, not in the query');
    const scopes = scopesOf(call, repositories);
    const allowed = allowedRepositories(call);
    const named = new Set(repositories?.map((repository) => repository.toLowerCase()));
    const admitted = (name: string): boolean =>
      (allowed === undefined || allowedBy(allowed, name)) && (named.size === 0 || named.has(name.toLowerCase()));
    const q = [query, ...scopes, ...(language ? [`language:${language}`] : []), ...(path ? [`path:${path}`] : [])].join(
      ' ',
    );
    return askGitHub(call, async ({ search }) => {
      const page = pageOf(paging);
      const { data, headers } = await search.code({ q, ...page, mediaType: { format: 'text-match' } });
      return {
        // Whatever the query made of the qualifiers.
        files: data.items
          .filter((item) => admitted(item.repository.full_name))
          .map((item) => ({
            repository: item.repository.full_name,
            path: item.path,
            sha: item.sha,
            url: item.html_url,
            fragments: (item.text_matches ?? []).slice(0, 3).map(({ fragment }) => excerptOf(fragment, 600).text),
          })),
        incomplete: data.incomplete_results,
        next_cursor: nextCursor(headers, page),
      };
    });
  },
});

export const fileTools = [repoFileGet, codeSearch];
