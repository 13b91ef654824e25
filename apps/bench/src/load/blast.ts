// Requests to a contestant: the body of a task, one request, and many as fast as they are answered.
import { Agent, request } from 'node:http';

import autocannon, { type Client } from 'autocannon';

import type { BenchRequest } from './contestant.js';

/** Size of the body of a task for every contestant, in bytes. */
export const bodyBytes = 300;

/** The operations of the benchmark's worker. Neither does anything; the second is declared repeatable. */
export type Noop = 'noop' | 'repeatable_noop';

const task = (operation: Noop, text: string): string =>
  JSON.stringify({ task_type: 'testing', payload: { operation, text } });

/** A task without work, as JSON of {@link bodyBytes}. */
export const taskBodyOf = (operation: Noop): string =>
  task(operation, 'x'.repeat(bodyBytes - task(operation, '').length));

/** The task that every contestant gets. */
export const taskBody = taskBodyOf('noop');

/** The body of a batch for Pulser. */
export const batchBody = (tasks: number): string => `{"tasks":[${Array<string>(tasks).fill(taskBody).join(',')}]}`;

interface Answered {
  readonly status: number;
  readonly body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
const timeoutMs = 30_000;

/** One request over a kept connection; costs less CPU time than fetch, which would distort what is measured. */
export const ask = ({ url, method, headers, body }: BenchRequest): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent, timeout: timeoutMs }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (bytes: Buffer) => parts.push(bytes));
      answer.on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', (error) => {
      reject(new Error(`${method} ${url}: ${error.message}`, { cause: error }));
    });
    outgoing.end(body);
  });

/** @throws when the answer is not 2xx */
export const askWell = async (wanted: BenchRequest): Promise<string> => {
  const { status, body } = await ask(wanted);
  if (status < 200 || status >= 300) throw new Error(`${wanted.method} ${wanted.url}: ${status} ${body.slice(0, 200)}`);
  return body;
};

/** Keeps the body of every n-th answer. */
export class AnswerSample {
  readonly kept: string[] = [];
  private seen = 0;

  constructor(private readonly every: number) {}

  readonly attach = (client: Client): void => {
    client.on('body', (bytes) => {
      if (this.seen++ % this.every === 0) this.kept.push(bytes.toString());
    });
  };
}

interface BlastOptions {
  /** Each connection sends them one after the other, repeatedly; all go to one origin. */
  readonly requests: readonly BenchRequest[];
  /** Number of requests sent. */
  readonly amount: number;
  readonly connections: number;
  readonly sample: AnswerSample;
}

const timeoutS = 60;

const originOf = (requests: readonly BenchRequest[]): string => {
  const [origin, ...others] = new Set(requests.map(({ url }) => new URL(url).origin));
  if (origin === undefined || others.length > 0) throw new RangeError('the requests of one load have one origin');
  return origin;
};

const autocannonRequest = ({ url, method, headers, body }: BenchRequest): autocannon.Request => {
  const { pathname, search } = new URL(url);
  return { method, path: pathname + search, headers: { ...headers }, body };
};

/**
 * Sends requests as fast as they are answered, without pipelining, and resolves with the last answer.
 * @throws when one is not answered with 2xx
 */
export const blast = async ({ requests, amount, connections, sample }: BlastOptions): Promise<void> => {
  const ended = Promise.withResolvers<undefined>();
  const options: autocannon.Options = {
    url: originOf(requests),
    requests: requests.map(autocannonRequest),
    connections: Math.min(connections, amount),
    amount,
    timeout: timeoutS,
    setupClient: sample.attach,
  };
  const load = autocannon(options, () => {
    ended.resolve(undefined);
  });
  let accepted = 0;
  let answered = 0;
  load.on('response', (_client, status) => {
    answered += 1;
    if (status >= 200 && status < 300) accepted += 1;
    // The end of autocannon itself comes up to a second later.
    if (answered === amount) ended.resolve(undefined);
  });
  await ended.promise;
  load.stop();
  if (accepted < amount) throw new Error(`only ${accepted} of ${amount} requests were accepted`);
};
