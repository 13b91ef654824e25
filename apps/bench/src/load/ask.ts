import { Agent, request } from 'node:http';

import type { BenchRequest } from '../contestants/contestant.js';

export interface Answered {
  readonly status: number;
  readonly body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
const timeoutMs = 30_000;

/** One request over a connection that is kept; cheaper than fetch, which takes part in what it measures. */
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
