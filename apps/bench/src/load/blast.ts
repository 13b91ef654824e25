import autocannon from 'autocannon';

import type { BenchRequest } from '../contestants/contestant.js';
import type { AnswerSample } from './answer-sample.js';

export interface BlastOptions {
  /** Each connection takes one after the other, over and over; all go to one origin. */
  readonly requests: readonly BenchRequest[];
  /** How many are sent. */
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
    // Its own end comes up to a second later.
    if (answered === amount) ended.resolve(undefined);
  });
  await ended.promise;
  load.stop();
  if (accepted < amount) throw new Error(`only ${accepted} of ${amount} requests were accepted`);
};
