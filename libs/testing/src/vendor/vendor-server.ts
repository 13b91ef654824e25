// A local HTTP server that speaks the API of a vendor, and can be told to fail.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface VendorRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where it is JSON; otherwise the text, undefined for none. */
  readonly body: unknown;
}

export interface VendorAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Buffer;
  /** `hang` never answers; `cut` breaks off in the middle of the body. */
  readonly fault?: 'hang' | 'cut';
}

export type Vendor = (request: VendorRequest) => VendorAnswer | Promise<VendorAnswer>;

export interface VendorServer {
  readonly url: string;
  /** What was asked, in order. */
  readonly requests: VendorRequest[];
  /** Everything is answered with this, until it is undefined again. */
  fault: VendorAnswer | undefined;
  close(): Promise<void>;
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};

const bodyOf = (text: string): unknown => {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));

const read = async (request: IncomingMessage): Promise<VendorRequest> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const { method = 'GET' } = request;
  const body = bodyOf(await textOf(request));
  return { method, path: pathname, query: searchParams, headers: headersOf(request), body };
};

const send = ({ status = 200, headers = {}, json, raw, fault }: VendorAnswer, response: ServerResponse): void => {
  if (fault === 'hang') return;
  const body = Buffer.from(raw ?? (json === undefined ? '' : JSON.stringify(json)));
  const type = raw === undefined && json !== undefined ? { 'content-type': 'application/json' } : {};
  const length = { 'content-length': String(body.length) };
  response.writeHead(status, { ...type, ...length, ...headers } as Record<string, string | string[]>);
  if (fault === 'cut') {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
    return;
  }
  response.end(body);
};

export const vendorServer = async (vendor: Vendor): Promise<VendorServer> => {
  const requests: VendorRequest[] = [];
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const asked = await read(request);
      requests.push(asked);
      send(handle.fault ?? (await vendor(asked)), response);
    };
    answer().catch((error: unknown) => {
      send({ status: 500, raw: String(error) }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const handle: VendorServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fault: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  return handle;
};

/** Ways in which any API fails, and the code of the error that a caller sees. */
export const vendorFaults: readonly { readonly name: string; readonly answer: VendorAnswer; readonly code: string }[] =
  [
    { name: '401', answer: { status: 401, json: { message: 'no' } }, code: 'refused' },
    { name: '403', answer: { status: 403, json: { message: 'no' } }, code: 'refused' },
    { name: '404', answer: { status: 404, json: { message: 'no' } }, code: 'not_found' },
    { name: '409', answer: { status: 409, json: { message: 'no' } }, code: 'conflict' },
    { name: '422', answer: { status: 422, json: { message: 'no' } }, code: 'invalid_args' },
    { name: '429', answer: { status: 429, headers: { 'retry-after': '12' }, json: {} }, code: 'rate_limited' },
    { name: '500 with a page', answer: { status: 500, raw: '<h1>Oops</h1>' }, code: 'upstream_error' },
    { name: '503', answer: { status: 503, raw: '' }, code: 'upstream_error' },
    { name: 'a body that is no JSON', answer: { raw: '<html></html>' }, code: 'upstream_error' },
    { name: 'JSON of another shape', answer: { json: { unexpected: true } }, code: 'upstream_error' },
    { name: 'an empty body', answer: { raw: '' }, code: 'upstream_error' },
    {
      name: 'a body that breaks off',
      answer: { json: { result: 'x'.repeat(100) }, fault: 'cut' },
      code: 'upstream_error',
    },
    {
      name: 'a redirect elsewhere',
      answer: { status: 302, headers: { location: 'http://169.254.169.254/' } },
      code: 'upstream_error',
    },
    { name: 'silence', answer: { fault: 'hang' }, code: 'timeout' },
  ];
