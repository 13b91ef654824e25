// One run of a contract test: request after request, at a bounded rate, until the plan, the time or the count is over.
import { setTimeout as delay } from 'node:timers/promises';

import type { WithTexts } from '../targets/header-values.js';
import type { Answered, Targets } from '../targets/targets.js';
import { unanswered } from '../targets/targets.js';
import { testingErrors } from '../testing-errors.js';
import { type AnswerChecks, type Fault, type FindingKind, readAnswer } from './answer-check.js';
import type { ApiOperation } from './api-operation.js';
import type { CasePlan } from './case-plan.js';
import type { ContractTestInput, Finding, TestedOperation } from './contract-test-contract.js';
import { type KnownValues, listOf } from './known-values.js';
import { curlOf, outgoing, requestOf, type SentRequest, type TestCase } from './test-case.js';

/** Milliseconds before the end of the attempt at which no request begins any more. */
const reserveMs = 10_000;
const maxNoAnswers = 5;

type Stop = 'time' | 'no answers' | 'refused';

const stops: Readonly<Record<Stop, string>> = {
  time: 'The time of the task was over before the plan',
  'no answers': `${maxNoAnswers} requests in a row were not answered: what follows was not tried`,
  refused: 'The host answered 429 again and again: what follows was not tried',
};

export interface RunParts {
  readonly targets: Targets;
  readonly plan: CasePlan;
  readonly checks: AnswerChecks;
  readonly known: KnownValues;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly deadline: Date;
}

const wait = (ms: number, signal: AbortSignal): Promise<void> => delay(Math.max(0, ms), undefined, { signal });

/** Sends what is planned and keeps what was found. */
export class ContractRun {
  readonly operations: TestedOperation[] = [];
  readonly notes = new Set<string>();
  readonly counts = { legal: 0, illegal: 0, planned: 0, no_answer: 0 };
  private readonly found = new Map<string, Finding>();
  private readonly secret: ReadonlySet<string>;
  private readonly headers: Readonly<Record<string, string>>;
  private stopped: Stop | undefined;
  private requests = 0;
  private unansweredInRow = 0;
  private limitedInRow = 0;
  private nextAt = 0;

  constructor(
    private readonly input: WithTexts<ContractTestInput>,
    private readonly parts: RunParts,
  ) {
    this.headers = Object.fromEntries(
      Object.entries(input.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    this.secret = new Set(Object.keys(this.headers));
  }

  get sent(): number {
    return this.requests;
  }

  get complete(): boolean {
    return this.stopped === undefined && this.requests >= this.counts.planned;
  }

  /** The worst first, in the order in which they were found. */
  get findings(): Finding[] {
    return [...this.found.values()];
  }

  /**
   * @param tested in their order. @param others that may give them ids. @param done called after each operation
   * @throws TaskError `host_not_allowed`, `address_not_open`; `target_unreachable` when nothing answered at all
   */
  async run(
    tested: readonly ApiOperation[],
    others: readonly ApiOperation[],
    done: (count: number) => void,
  ): Promise<void> {
    await this.learnFrom(tested, others);
    const later: (() => Promise<void>)[] = [];
    for (const [index, operation] of tested.entries()) {
      if (this.isStopped()) break;
      const share = Math.floor((this.input.max_requests - this.requests) / (tested.length - index));
      later.push(await this.test(operation, share));
      done(index + 1);
    }
    // What operations with few cases have left over is for those with many.
    for (const more of later) await more();
    if (this.stopped !== undefined) this.notes.add(stops[this.stopped]);
  }

  // Lists of what the tested operations are asked for, when they are not among these.
  private async learnFrom(tested: readonly ApiOperation[], others: readonly ApiOperation[]): Promise<void> {
    const lists = new Set(
      tested.flatMap((one) =>
        one.parameters.flatMap(({ in: place, name }) => (place === 'path' ? [listOf(one.path, name)] : [])),
      ),
    );
    for (const operation of others.filter(({ path, method }) => method === 'GET' && lists.has(path))) {
      const first = this.parts.plan.firstOf(operation);
      if (first === undefined || this.requests >= this.input.max_requests) continue;
      this.counts.planned += 1;
      await this.send(first);
    }
  }

  /** @returns what sends the cases that there was no room for, as far as there is then */
  private async test(operation: ApiOperation, most: number): Promise<() => Promise<void>> {
    const { cases, leftOut } = this.parts.plan.casesOf(operation);
    const tested = { operation: operation.id, planned: cases.length, left_out: [...leftOut], statuses: {} };
    const row: TestedOperation = { ...tested, requests: 0, findings: 0, succeeded: false };
    this.operations.push(row);
    this.counts.planned += cases.length;
    await this.sendAll(cases.slice(0, most), row);
    return () => this.sendAll(cases.slice(most), row);
  }

  private async sendAll(cases: readonly TestCase[], row: TestedOperation): Promise<void> {
    const before = this.found.size;
    for (const test of cases) {
      if (this.isStopped() || this.requests >= this.input.max_requests) break;
      const status = await this.send(test);
      row.requests += 1;
      if (status === undefined) continue;
      row.statuses[status] = (row.statuses[status] ?? 0) + 1;
      row.succeeded ||= status >= 200 && status < 300;
    }
    row.findings += this.found.size - before;
  }

  private isStopped(): boolean {
    this.stopped ??= this.stop();
    return this.stopped !== undefined;
  }

  private stop(): Stop | undefined {
    this.parts.signal.throwIfAborted();
    if (this.parts.deadline.getTime() - Date.now() < reserveMs) return 'time';
    if (this.unansweredInRow >= maxNoAnswers) return 'no answers';
    return this.limitedInRow >= maxNoAnswers ? 'refused' : undefined;
  }

  /** @returns the status; undefined: no answer */
  private async send(test: TestCase): Promise<number | undefined> {
    const request = requestOf(this.input.base_url, test, this.headers);
    await this.pace();
    this.requests += 1;
    this.counts[test.legal ? 'legal' : 'illegal'] += 1;
    const answered = await this.ask(test, request);
    if (answered === undefined) return undefined;
    const answer = readAnswer(answered.answer);
    if (answer.status === 429) return this.limited(answer.headers['retry-after']);
    this.limitedInRow = 0;
    if (test.legal && answer.status >= 200 && answer.status < 300 && answer.json !== undefined)
      this.parts.known.learn(test.operation, answer.json.value);
    for (const fault of this.parts.checks.faults(test, answer))
      this.keep(fault, { test, request, status: answer.status });
    return answer.status;
  }

  private async ask(test: TestCase, request: SentRequest): Promise<Answered | undefined> {
    try {
      const answered = await this.parts.targets.ask(request.url, outgoing(request, this.parts.signal));
      this.unansweredInRow = 0;
      return answered;
    } catch (error) {
      this.parts.signal.throwIfAborted();
      const why = unanswered(error);
      this.unansweredInRow += 1;
      this.counts.no_answer += 1;
      if (this.counts.no_answer === this.requests && this.requests === maxNoAnswers)
        throw testingErrors.error('target_unreachable', `Nothing answers at ${request.url.origin}: ${why}`);
      this.notes.add(`No answer to ${test.operation.id} (${test.label}): ${why}`.slice(0, 300));
      return undefined;
    }
  }

  // A limit of the host is no fault of it; the request was not tested.
  private async limited(retryAfter = '1'): Promise<number> {
    this.limitedInRow += 1;
    this.notes.add('The host answered 429 to some requests: they count as sent, and tell nothing');
    const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : 1;
    await wait(Math.min(seconds, 10) * 1_000, this.parts.signal);
    return 429;
  }

  private async pace(): Promise<void> {
    const now = performance.now();
    if (this.nextAt > now) await wait(this.nextAt - now, this.parts.signal);
    this.nextAt = Math.max(this.nextAt, now) + 1_000 / this.input.rate_per_s;
  }

  private keep(
    { kind, place, message }: Fault,
    about: { readonly test: TestCase; readonly request: SentRequest; readonly status: number },
  ): void {
    const { operation, label } = about.test;
    const key = `${operation.id} ${kind} ${place}`;
    const known = this.found.get(key);
    if (known !== undefined) {
      this.found.set(key, { ...known, times: known.times + 1 });
      return;
    }
    this.found.set(key, {
      id: `F${this.found.size + 1}`,
      kind,
      operation: operation.id,
      message: message.slice(0, 500),
      tried: label,
      status: about.status,
      times: 1,
      curl: curlOf(about.request, this.secret),
      reproduce: { seed: this.parts.seed, operations: [operation.id] },
    });
  }
}

/** How bad a finding is: what fails and what leads to wrong data before what is only not declared. */
export const bySeverity =
  (order: readonly FindingKind[]) =>
  (a: Finding, b: Finding): number =>
    order.indexOf(a.kind) - order.indexOf(b.kind);
