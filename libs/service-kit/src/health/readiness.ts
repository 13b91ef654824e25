// Whether a service can do its work now.
import { Injectable } from '@nestjs/common';
import { withTimeLimit } from '@pulser/concurrency';
import { startOf } from '@pulser/contracts';

import { messageOf } from '../log/one-line.policy.js';

/** Resolves when the dependency works, rejects when it does not. A `detail` in the resolved value is reported. */
export type ReadinessCheck = () => Promise<unknown>;

export interface CheckReport {
  readonly ok: boolean;
  readonly detail?: string;
  readonly ms: number;
}

export interface ReadinessReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, CheckReport>>;
}

const defaultLimitMs = 2_000;

const leavingReport: CheckReport = { ok: false, detail: 'shuts down', ms: 0 };

const detailOf = (answer: unknown): { detail?: string } =>
  typeof answer === 'object' && answer !== null && 'detail' in answer ? { detail: String(answer.detail) } : {};

/** The readiness checks of a service, one per dependency. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private leaving = false;

  /** @param name of the dependency, as the report shows it; adding it again replaces its check */
  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** Reports not ready from now on, whatever the checks return: the service shuts down. */
  leave(): void {
    this.leaving = true;
  }

  /** Runs all checks at once. @param limitMs time limit of each check, in milliseconds */
  async report(limitMs = defaultLimitMs): Promise<ReadinessReport> {
    const entries = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await this.run(check, limitMs)] as const),
    );
    const checks = Object.fromEntries(entries);
    if (this.leaving) return { ok: false, checks: { ...checks, service: leavingReport } };
    return { ok: entries.every(([, { ok }]) => ok), checks };
  }

  private async run(check: ReadinessCheck, limitMs: number): Promise<CheckReport> {
    const start = performance.now();
    const ms = (): number => Math.round(performance.now() - start);
    try {
      const answer = await withTimeLimit(check(), limitMs);
      return { ok: true, ...detailOf(answer), ms: ms() };
    } catch (error) {
      return { ok: false, detail: startOf(messageOf(error), 200), ms: ms() };
    }
  }
}
