import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';

import type { Document } from './document.js';
import { type Verdict, verdictOfAnswer } from './verdict.js';

const inFlight = 32;
const maxTries = 5;

/** Sends documents as requests, many at a time, over connections that stay open. */
export class RestDoor {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: inFlight });

  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  /** The verdicts in the order of the documents. The n-th has the idempotency key `rest-<n>`. */
  async send(documents: readonly Document[]): Promise<Verdict[]> {
    const verdicts: Verdict[] = [];
    const open = documents.entries();
    const sender = async (): Promise<void> => {
      for (const [n, document] of open) verdicts[n] = await this.persistently(document, `rest-${n}`);
    };
    await Promise.all(Array.from({ length: inFlight }, sender));
    this.agent.destroy();
    return verdicts;
  }

  // A server that answers before it has read everything closes the connection, and its answer may be lost with it.
  private async persistently(document: Document, key: string): Promise<Verdict> {
    for (let tries = 1; ; tries += 1) {
      const verdict = await this.sendOne(document, key).catch(() => undefined);
      if (verdict !== undefined) return verdict;
      if (tries === maxTries) return 'nothing';
    }
  }

  private sendOne({ body, contentType }: Document, key: string): Promise<Verdict> {
    const headers = {
      authorization: `Bearer ${this.key}`,
      'content-type': contentType,
      'content-length': body.length,
      'idempotency-key': key,
    };
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: this.agent, headers };
      const asked = request(`${this.url}/api/v1/tasks`, options, (answer) => {
        const { statusCode = 0 } = answer;
        json(answer).then((problem) => {
          resolve(verdictOfAnswer(statusCode, (problem as { code?: unknown }).code));
        }, reject);
      });
      asked.on('error', reject).end(body);
    });
  }
}
