// The steps of a check, one after the other, with the values that they carry on.
import type { OutgoingRequest } from '@pulser/outgoing/client';

import { jsonPathValues } from '../schemas/json-path.js';
import { below } from '../targets/base-url.js';
import type { Headers, HeaderSecrets } from '../targets/header-values.js';
import { type Answered, type Targets, unanswered, unansweredOrLedAway } from '../targets/targets.js';
import { testingErrors } from '../testing-errors.js';
import {
  type CarriedValues,
  filledBody,
  filledHeader,
  filledPath,
  filledText,
  ValueUnusable,
} from './carried-values.policy.js';
import { checksOf } from './expected-answer.js';
import type { Check, HttpChecksInput, Step, StepResult } from './http-checks-contract.js';

interface Prepared {
  readonly url: URL;
  readonly request: OutgoingRequest;
}

const queryOf = (step: Step, values: CarriedValues): string => {
  const pairs = Object.entries(step.query ?? {}).map(([name, text]): [string, string] => [
    name,
    filledText(text, values),
  ]);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
};

const bodyOf = ({ json, text }: Step, values: CarriedValues): Pick<OutgoingRequest, 'body' | 'headers'> => {
  if (json !== undefined)
    return { body: JSON.stringify(filledBody(json, values)), headers: { 'content-type': 'application/json' } };
  return text === undefined ? {} : { body: filledText(text, values) };
};

const lowerCase = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** @throws ValueUnusable */
const prepared = (
  step: Step,
  {
    input,
    values,
    secrets,
    signal,
  }: { input: HttpChecksInput; values: CarriedValues; secrets: HeaderSecrets; signal: AbortSignal },
): Prepared => {
  const path = filledPath(step.path, values);
  const query = queryOf(step, values);
  const { body, headers = {} } = bodyOf(step, values);
  const own = Object.entries({ ...lowerCase(input.headers), ...lowerCase(step.headers ?? {}) });
  // Nothing is filled into a secret, whatever is in it.
  const filled = Object.fromEntries(
    own.map(([name, value]) => [name, typeof value === 'string' ? filledHeader(value, values) : secrets.textOf(value)]),
  );
  return {
    url: below(input.base_url, path.includes('?') && query !== '' ? `${path}&${query.slice(1)}` : path + query),
    request: {
      method: step.method,
      headers: { ...headers, ...filled },
      ...(body !== undefined && { body }),
      redirect: step.redirects === 'follow' ? 'follow' : 'manual',
      signal,
    },
  };
};

/** Runs the steps of one task. */
export class CheckRun {
  readonly results: StepResult[] = [];
  private readonly values = new Map<string, unknown>();

  constructor(
    private readonly input: HttpChecksInput,
    private readonly targets: Targets,
    private readonly secrets: HeaderSecrets,
    private readonly signal: AbortSignal,
  ) {
    for (const [name, value] of Object.entries(input.values)) this.values.set(name, value);
  }

  /** @param done called after each step with how many are over */
  async run(done: (count: number) => void): Promise<void> {
    for (const step of this.input.steps) {
      this.results.push(await this.result(step));
      done(this.results.length);
    }
  }

  private async result(step: Step): Promise<StepResult> {
    const stopped = this.input.stop_on_failure && this.results.some(({ outcome }) => outcome === 'failed');
    if (stopped) return skipped(step, 'A step before has failed');
    try {
      return await this.ask(step, this.prepared(step));
    } catch (error) {
      if (error instanceof ValueUnusable) return skipped(step, error.message);
      throw error;
    }
  }

  private prepared(step: Step): Prepared {
    const { input, values, secrets, signal } = this;
    return prepared(step, { input, values, secrets, signal });
  }

  private async ask(step: Step, { url, request }: Prepared): Promise<StepResult> {
    const about = { name: step.name, request: `${step.method} ${url.pathname}${url.search}` };
    let answered: Answered;
    try {
      answered = await this.targets.ask(url, request);
    } catch (error) {
      this.signal.throwIfAborted();
      const found = step.redirects === 'follow' ? unansweredOrLedAway(error, url) : unanswered(error);
      const check: Check = { what: 'answers', passed: false, found };
      return { ...about, outcome: 'failed', checks: [check], saved: [] };
    }
    const saved = this.save(step, answered);
    const checks = [...checksIn(step, answered), ...saved.missing];
    const outcome = checks.every(({ passed }) => passed) ? 'passed' : 'failed';
    const { status } = answered.answer;
    return { ...about, outcome, status, ms: answered.ms, checks, saved: saved.names };
  }

  private save(step: Step, answered: Answered): { readonly names: string[]; readonly missing: Check[] } {
    const names: string[] = [];
    const missing: Check[] = [];
    for (const [name, source] of Object.entries(step.save ?? {})) {
      const value = savedValue(source, answered);
      if (value === undefined) {
        // What an earlier step saved under this name is not what is meant from here on.
        this.values.delete(name);
        const from = typeof source === 'string' ? source : `header ${source.header}`;
        missing.push({ what: `${name} is saved from ${from}`, passed: false, found: 'nothing there' });
      } else {
        this.values.set(name, value);
        names.push(name);
      }
    }
    return { names, missing };
  }
}

const skipped = ({ name, method, path }: Step, why: string): StepResult => ({
  name,
  request: `${method} ${path}`,
  outcome: 'skipped',
  checks: [],
  saved: [],
  why,
});

const checksIn = (step: Step, answered: Answered): Check[] => {
  try {
    return checksOf(step.expect, answered);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw testingErrors.error('check_invalid', `The step ${step.name} cannot be checked: ${why}`);
  }
};

const savedValue = (source: NonNullable<Step['save']>[string], { answer }: Answered): unknown => {
  if (typeof source !== 'string') return answer.headers[source.header.toLowerCase()];
  try {
    return jsonPathValues(source, answer.json())[0];
  } catch {
    return undefined;
  }
};
