// A vendor's API on a local port: each request and each answer is held against the vendor's published document.
import {
  vendorServer,
  type VendorAnswer as SentAnswer,
  type VendorRequest as CameRequest,
  type VendorServer as Transport,
} from '../vendor/vendor-server.js';
import type { Json } from './sample.js';
import type { VendorApi } from './vendor-api.js';

type Headers = Readonly<Record<string, string>>;

export interface VendorRequest {
  readonly operation: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface VendorAnswer {
  readonly status: number;
  readonly headers?: Headers;
  /** Bytes and texts go as they are, everything else as JSON. */
  readonly body?: Json | Buffer;
}

/** How the next request of an operation ends instead. */
export type Fault =
  | { readonly kind: 'answer'; readonly answer: VendorAnswer }
  /** JSON that is none, with the status and type of a good answer. */
  | { readonly kind: 'malformed' }
  /** The connection is cut in the middle of the body. */
  | { readonly kind: 'truncated' }
  /** Nothing comes until the client goes away. */
  | { readonly kind: 'silent' };

export interface DocumentedServerOptions {
  readonly api: VendorApi;
  /** Before each path of the document, such as /api/v3. */
  readonly prefix?: string;
  /** Refuses a request before its operation sees it. */
  readonly admit?: (headers: Headers) => VendorAnswer | undefined;
  readonly operations: Readonly<Record<string, (request: VendorRequest) => VendorAnswer>>;
  /** Paths that are not of the API, such as signed addresses of logs. */
  readonly files?: (path: string, headers: Headers) => VendorAnswer | undefined;
}

const isPlain = (body: VendorAnswer['body']): body is string | Buffer =>
  typeof body === 'string' || Buffer.isBuffer(body);

const sent = ({ status, headers = {}, body }: VendorAnswer): SentAnswer => ({
  ...{ status, headers },
  ...(isPlain(body) ? { raw: body } : { json: body }),
});

const faultOf = (fault: Fault): SentAnswer => {
  switch (fault.kind) {
    case 'answer':
      return sent(fault.answer);
    case 'malformed':
      return { headers: { 'content-type': 'application/json' }, raw: '{"id": 1, "na' };
    case 'truncated':
      return { json: { id: 1, name: 'x'.repeat(100) }, fault: 'cut' };
    case 'silent':
      return { fault: 'hang' };
  }
};

export class DocumentedServer {
  readonly requests: VendorRequest[] = [];
  /** What did not agree with the document; a spec expects none. */
  readonly violations: string[] = [];
  private readonly faults: { readonly operation: string; readonly fault: Fault }[] = [];
  private transport: Transport | undefined;

  private constructor(private readonly options: DocumentedServerOptions) {}

  static async start(options: DocumentedServerOptions): Promise<DocumentedServer> {
    const server = new DocumentedServer(options);
    server.transport = await vendorServer((request) => server.answer(request));
    return server;
  }

  get origin(): string {
    return this.transport?.url ?? '';
  }

  get url(): string {
    return `${this.origin}${this.options.prefix ?? ''}`;
  }

  /** The next request of the operation ends like this; several are used up in order. */
  fail(operation: string, fault: Fault): void {
    this.faults.push({ operation, fault });
  }

  /** Requests of an operation so far. */
  count(operation: string): number {
    return this.requests.filter((request) => request.operation === operation).length;
  }

  /** Forgets requests, violations and faults. */
  clear(): void {
    this.requests.length = 0;
    this.violations.length = 0;
    this.faults.length = 0;
  }

  async stop(): Promise<void> {
    await this.transport?.close();
  }

  private answer({ method, path, query, headers, body }: CameRequest): SentAnswer {
    const { api, prefix = '', files } = this.options;
    const file = files?.(path, headers);
    if (file !== undefined) return sent(file);
    const found = path.startsWith(prefix) ? api.match(method, path.slice(prefix.length)) : undefined;
    if (found === undefined) {
      this.violations.push(`no operation for ${method} ${path}`);
      return sent({ status: 404, body: { id: 'not_found', message: 'Not Found' } });
    }
    const request = { operation: found.id, params: found.params, query, headers, body };
    this.requests.push(request);
    this.violations.push(...api.requestProblems(found.id, query, body));
    const at = this.faults.findIndex(({ operation }) => operation === found.id);
    const [planned] = at < 0 ? [] : this.faults.splice(at, 1);
    return planned === undefined ? this.operate(request) : faultOf(planned.fault);
  }

  private operate(request: VendorRequest): SentAnswer {
    const { api, admit, operations } = this.options;
    const handler = operations[request.operation];
    if (handler === undefined) {
      this.violations.push(`the server has no answer for ${request.operation}`);
      return sent({ status: 500 });
    }
    const answer = admit?.(request.headers) ?? handler(request);
    if (!isPlain(answer.body))
      this.violations.push(...api.answerProblems(request.operation, answer.status, answer.body));
    return sent(answer);
  }
}
