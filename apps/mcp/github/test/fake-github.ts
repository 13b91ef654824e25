// GitHub's REST API on a local port: one repository, acme/rockets, with what a spec puts into it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  VendorApi,
  DocumentedServer,
  type ApiExtract,
  type Json,
  type VendorAnswer,
  type VendorRequest,
} from '@pulser/testing/vendor-api';

import { notFound, repository, token, type Fields, type Operations } from './fake-answers.js';
import { codeOperations, gitOperations } from './fake-code.js';
import { FakeGit } from './fake-git.js';
import { issueOperations, pullOperations, runOperations } from './fake-work.js';

const api = new VendorApi(JSON.parse(readFileSync(join(import.meta.dirname, 'github-api.json'), 'utf8')) as ApiExtract);

const unauthorized: VendorAnswer = {
  status: 401,
  body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest' },
};

export class FakeGitHub {
  readonly git = new FakeGit();
  defaultBranch = 'main';
  pulls: Fields[] = [];
  /** Of every pull request, as its reviews and checks. */
  files: Fields[] = [];
  reviews: Fields[] = [];
  comments: Fields[] = [];
  checkRuns: Fields[] = [];
  statuses: Fields[] = [];
  rules: Fields[] = [];
  /** Contexts of the classic protection of every branch. */
  requiredContexts: string[] = [];
  issues: Fields[] = [];
  /** What a search of code finds, whatever was asked. */
  codeFound: Fields[] = [];
  issuesFound: Fields[] = [];
  labels = ['bug', 'docs'];
  runs: Fields[] = [];
  jobs: Fields[] = [];
  archive: Buffer = Buffer.alloc(0);
  dispatched: unknown[] = [];
  private server: DocumentedServer | undefined;

  private constructor() {}

  static async start(): Promise<FakeGitHub> {
    const fake = new FakeGitHub();
    fake.server = await DocumentedServer.start({
      api,
      prefix: '/api/v3',
      admit: ({ authorization }) => (authorization === `token ${token}` ? undefined : unauthorized),
      operations: fake.operations(),
      files: (path, headers) => fake.signedFile(path, headers.authorization),
    });
    return fake;
  }

  get vendor(): DocumentedServer {
    if (this.server === undefined) throw new Error('The server has not started.');
    return this.server;
  }

  private signedFile(path: string, authorization: string | undefined): VendorAnswer | undefined {
    if (path !== '/signed/logs.zip') return undefined;
    // A signed address refuses a second way to be authorized, as object stores do.
    if (authorization !== undefined) return { status: 400, body: 'Only one auth mechanism allowed' };
    return { status: 200, headers: { 'content-type': 'application/zip' }, body: this.archive };
  }

  /** With what the document asks for and the repository does not say. */
  answer({ operation }: VendorRequest, status: number, given: Json, headers?: Record<string, string>): VendorAnswer {
    return { status, body: api.answer(operation, status, given), ...(headers && { headers }) };
  }

  paged(
    request: VendorRequest,
    items: readonly Json[],
    wrap: (page: readonly Json[]) => Json = (page) => page,
  ): VendorAnswer {
    const page = Number(request.query.get('page') ?? 1);
    const size = Number(request.query.get('per_page') ?? 30);
    const next =
      page * size < items.length ? { link: `<${this.vendor.url}/x?page=${page + 1}>; rel="next"` } : undefined;
    return this.answer(request, 200, wrap(items.slice((page - 1) * size, page * size)), next);
  }

  private operations(): Operations {
    const all = {
      ...codeOperations(this),
      ...gitOperations(this),
      ...pullOperations(this),
      ...issueOperations(this),
      ...runOperations(this),
    };
    const here = (handler: (request: VendorRequest) => VendorAnswer) => (request: VendorRequest) => {
      const { owner, repo } = request.params;
      return owner === undefined || `${owner}/${repo ?? ''}`.toLowerCase() === repository ? handler(request) : notFound;
    };
    return Object.fromEntries(Object.entries(all).map(([name, handler]) => [name, here(handler)]));
  }
}
