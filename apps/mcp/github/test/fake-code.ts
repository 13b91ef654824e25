// The code of the fake GitHub's repository: contents, commits, and the git data API.
import type { Commit, TreeChange } from './fake-git.js';
import { notFound, repository, user, type Fields, type Operations } from './fake-answers.js';
import type { FakeGitHub } from './fake-github.js';
import type { Json, VendorAnswer, VendorRequest } from '@pulser/testing/vendor-api';

// Base64 in lines, as GitHub sends it.
const lines = (bytes: Buffer): string => bytes.toString('base64').replace(/(.{60})/g, '$1\n');

const commitFields = ({ sha, tree, parents, message, author, date }: Commit): Fields => {
  const who = { name: author, email: `${author}@example.com`, date };
  return {
    sha,
    html_url: `https://github.example/${repository}/commit/${sha}`,
    author: user(author),
    parents: parents.map((parent) => ({ sha: parent })),
    commit: { message, tree: { sha: tree }, author: who, committer: who, verification: { verified: false } },
  };
};

const contentFields = (fake: FakeGitHub, path: string, sha: string): Fields => {
  const url = `https://github.example/${path}`;
  return {
    ...{ path, sha, name: path.split('/').at(-1), size: fake.git.blobs.get(sha)?.length ?? 0 },
    ...{ url, html_url: url, git_url: url, download_url: url, _links: { git: url, html: url, self: url } },
  };
};

const content = (fake: FakeGitHub, request: VendorRequest): VendorAnswer => {
  const { path = '' } = request.params;
  const commit = fake.git.resolve(request.query.get('ref') ?? fake.defaultBranch);
  const files = commit === undefined ? new Map<string, { sha: string }>() : fake.git.filesOf(commit);
  const file = files.get(path);
  const bytes = fake.git.blobs.get(file?.sha ?? '');
  if (file === undefined || bytes === undefined) {
    const below = [...files].filter(([name]) => name.startsWith(`${path}/`));
    if (below.length === 0) return notFound;
    return {
      status: 200,
      body: below.map(([name, { sha }]) => ({ ...contentFields(fake, name, sha), type: 'file' })),
    };
  }
  if (request.headers.accept?.includes('raw'))
    return { status: 200, headers: { 'content-type': 'application/vnd.github.raw+json' }, body: bytes };
  const large = bytes.length > 1_000_000;
  return {
    status: 200,
    body: {
      ...contentFields(fake, path, file.sha),
      type: 'file',
      encoding: large ? 'none' : 'base64',
      content: large ? '' : lines(bytes),
    },
  };
};

export const codeOperations = (fake: FakeGitHub): Operations => {
  return {
    'repos/get': (request) =>
      fake.answer(request, 200, {
        full_name: repository,
        description: 'Rockets',
        html_url: `https://github.example/${repository}`,
        default_branch: fake.defaultBranch,
        visibility: 'private',
        private: true,
        license: { spdx_id: 'MIT' },
        topics: ['space'],
        permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
      }),
    'repos/list-languages': (request) => fake.answer(request, 200, { Shell: 10, TypeScript: 900 }),
    'repos/get-content': (request) => content(fake, request),
    'repos/list-commits': (request) => {
      const author = request.query.get('author');
      const path = request.query.get('path');
      const touches = ({ tree, parents }: Commit): boolean =>
        path === null || fake.git.trees.get(tree)?.get(path)?.sha !== fake.git.filesOf(parents[0] ?? '').get(path)?.sha;
      const commits = fake.git.history(request.query.get('sha') ?? fake.defaultBranch);
      const found = commits.filter((commit) => (author === null || commit.author === author) && touches(commit));
      return fake.paged(
        request,
        found.map((commit) => commitFields(commit)),
      );
    },
    'repos/get-commit': (request) => {
      const commit = fake.git.commits.get(fake.git.resolve(request.params['ref'] ?? '') ?? '');
      if (commit === undefined)
        return {
          status: 422,
          body: { message: `No commit found for SHA: ${request.params['ref'] ?? ''}`, documentation_url: 'x' },
        };
      return fake.answer(request, 200, commitFields(commit));
    },
    'search/code': (request) =>
      fake.paged(request, fake.codeFound, (items) => ({
        total_count: fake.codeFound.length,
        incomplete_results: false,
        items,
      })),
  };
};

export const gitOperations = (fake: FakeGitHub): Operations => {
  const { git } = fake;
  const reference = (request: VendorRequest, status: number, branch: string): VendorAnswer =>
    fake.answer(request, status, {
      ref: `refs/heads/${branch}`,
      object: { type: 'commit', sha: git.branches.get(branch) },
    });
  return {
    'git/get-tree': (request) => {
      const id = git.treeId(request.params['tree_sha'] ?? '');
      if (id === undefined) return notFound;
      const entries = git.entries(id, request.query.has('recursive'));
      return fake.answer(request, 200, { sha: id, truncated: false, tree: entries as unknown as Json });
    },
    'git/get-ref': (request) => {
      const branch = (request.params['ref'] ?? '').replace(/^heads\//, '');
      return git.branches.has(branch) ? reference(request, 200, branch) : notFound;
    },
    'git/create-ref': (request) => {
      const { ref, sha } = request.body as { ref: string; sha: string };
      const branch = ref.replace('refs/heads/', '');
      if (git.branches.has(branch))
        return { status: 422, body: { message: 'Reference already exists', documentation_url: 'x' } };
      git.branches.set(branch, sha);
      return reference(request, 201, branch);
    },
    'git/get-commit': (request) => {
      const commit = git.commits.get(request.params['commit_sha'] ?? '');
      return commit === undefined
        ? notFound
        : fake.answer(request, 200, { sha: commit.sha, tree: { sha: commit.tree } });
    },
    'git/create-blob': (request) => {
      const { content, encoding } = request.body as { content: string; encoding: BufferEncoding };
      return fake.answer(request, 201, { sha: git.blob(Buffer.from(content, encoding)) });
    },
    'git/create-tree': (request) => {
      const { base_tree, tree } = request.body as { base_tree: string; tree: TreeChange[] };
      const gone = tree.find(({ sha, path }) => sha === null && !git.trees.get(base_tree)?.has(path));
      if (gone) return { status: 422, body: { message: 'GitRPC::BadObjectState', documentation_url: 'x' } };
      return fake.answer(request, 201, { sha: git.changed(base_tree, tree) });
    },
    'git/create-commit': (request) => {
      const { message, tree, parents } = request.body as { message: string; tree: string; parents: string[] };
      const sha = git.commit({ message, tree, parents, author: 'octocat', date: '2026-02-01T00:00:00Z' });
      return fake.answer(request, 201, { sha, html_url: `https://github.example/${repository}/commit/${sha}` });
    },
    'git/update-ref': (request) => {
      const branch = (request.params['ref'] ?? '').replace(/^heads\//, '');
      const { sha } = request.body as { sha: string };
      if (git.commits.get(sha)?.parents[0] !== git.branches.get(branch))
        return { status: 422, body: { message: 'Update is not a fast forward', documentation_url: 'x' } };
      git.branches.set(branch, sha);
      return reference(request, 200, branch);
    },
    'repos/get-branch': (request) =>
      fake.answer(request, 200, {
        name: request.params['branch'],
        protected: fake.requiredContexts.length > 0,
        protection: { enabled: true, required_status_checks: { contexts: fake.requiredContexts, checks: [] } },
      }),
    'repos/get-branch-rules': (request) => fake.paged(request, fake.rules),
  };
};
