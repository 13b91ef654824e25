export interface Call {
  readonly method?: string;
  /** Sent as JSON, unless it is text already. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Differ from request to request, whoever asks for whatever. */
const changing: ReadonlySet<string> = new Set(['date', 'traceparent', 'ratelimit']);

/** The headers by which two answers may be told apart. */
export const tellingHeaders = (response: Response): [string, string][] =>
  [...response.headers].filter(([name]) => !changing.has(name));

/** What a page of the gateway itself sends, so that its login counts. */
const ofOwnPage = { 'sec-fetch-site': 'same-origin' };

/** Somebody who calls the API with a key, or a page that does it with the cookie of a session. */
export class Client {
  constructor(
    private readonly url: string,
    readonly key: string | undefined,
    /** `name=value`. */
    readonly cookie?: string,
  ) {}

  /** Logs in with the key. @returns a page that has the session */
  async logIn(): Promise<Client> {
    const response = await this.fetch('/api/v1/sessions', { body: { key: this.key } });
    const cookie = /^[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0];
    if (cookie === undefined) throw new Error(`Not logged in: ${await response.text()}`);
    return new Client(this.url, undefined, cookie);
  }

  fetch(path: string, { method, body, headers = {}, signal }: Call = {}): Promise<Response> {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    return fetch(`${this.url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(this.key !== undefined && { authorization: `Bearer ${this.key}` }),
        ...(this.cookie !== undefined && { cookie: this.cookie, ...ofOwnPage }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
      ...(signal !== undefined && { signal }),
    });
  }

  async call<T = Record<string, unknown>>(path: string, call?: Call): Promise<Answer<T>> {
    const response = await this.fetch(path, call);
    return { status: response.status, headers: response.headers, body: (await response.json()) as T };
  }

  get<T = Record<string, unknown>>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer<T>> {
    return this.call<T>(path, { headers });
  }

  /** @returns the id of the accepted task */
  async submit(task: object = {}): Promise<string> {
    const body = { task_type: 'analytics', payload: { operation: 'query' }, ...task };
    const answer = await this.call<{ task_id: string }>('/api/v1/tasks', { body });
    if (answer.status !== 202) throw new Error(`Not accepted: ${JSON.stringify(answer.body)}`);
    return answer.body.task_id;
  }
}
