// The person who decides the approvals of a run: another one than the tasks' submitter, who clicks twice.
import { setTimeout as wait } from 'node:timers/promises';

import { ApprovalPage } from '@pulser/contracts';
import type { Tenant } from '@pulser/harness';
import { z } from 'zod';

import type { ExpectedAnswer } from './agent-work.js';
import type { HttpClient } from './clients.js';

export type Verdict = 'approve' | 'deny';

export interface ApprovalOrder {
  readonly payload: { readonly operation: 'approve'; readonly title: string; readonly arguments: object };
  /** Undefined: it is denied. */
  readonly answer: ExpectedAnswer | undefined;
}

/** Asks for something, and says in its arguments what is to be decided. */
export const approvalOf = (ref: string, verdict: Verdict): ApprovalOrder => ({
  payload: { operation: 'approve', title: `Number ${ref}`, arguments: { ref, verdict } },
  answer: verdict === 'approve' ? { at: ['decisions', 'length'], is: 1 } : undefined,
});

const Asked = z.object({ verdict: z.enum(['approve', 'deny']) });

const path = '/api/v1/approvals';
const pageLimit = 100;
const everyMs = 250;

/** Looks at the inbox of every tenant, and decides what it finds. */
export class Approver {
  private readonly ending = new AbortController();
  private readonly seen = new Set<string>();
  private readonly clicks = new Set<Promise<void>>();
  private going: Promise<void> | undefined;
  readonly failures: unknown[] = [];

  /** @param persons for each tenant, the key of a person who submits nothing */
  constructor(
    private readonly http: HttpClient,
    private readonly persons: readonly Tenant[],
  ) {}

  start(): void {
    this.going ??= this.go();
  }

  async stop(): Promise<void> {
    this.ending.abort(new Error('the run is over'));
    await this.going;
    await Promise.all(this.clicks);
  }

  private async go(): Promise<void> {
    while (!this.ending.signal.aborted) {
      await Promise.all(this.persons.map((person) => this.look(person))).catch((error: unknown) =>
        this.failures.push(error),
      );
      await wait(everyMs, undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
  }

  private async look(person: Tenant): Promise<void> {
    const answer = await this.http.get(`${path}?status=waiting&limit=${pageLimit}`, person);
    if (answer === undefined) return;
    for (const { approval_id: id, arguments: given } of ApprovalPage.parse(answer.body).approvals) {
      if (this.seen.has(id)) continue;
      this.seen.add(id);
      const { verdict } = Asked.parse(given);
      this.click(`${path}/${id}/${verdict}`, person);
      this.click(`${path}/${id}/${verdict}`, person);
    }
  }

  /** Until it is answered: what a person does whose click came to nothing. */
  private click(decision: string, person: Tenant): void {
    const click = this.http
      .post(decision, person, undefined, {}, this.ending.signal)
      .then(() => undefined)
      .catch((error: unknown) => {
        if (!this.ending.signal.aborted) this.failures.push(error);
      });
    const done = click.finally(() => this.clicks.delete(done));
    this.clicks.add(done);
  }
}
