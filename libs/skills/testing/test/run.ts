import { runOperation, type OperationRun, type RunOptions } from '@pulser/agent-runtime/testing';

import type { ContractTestResult } from '../src/contract/contract-test-contract.js';
import type { HttpChecksResult } from '../src/http-checks/http-checks-contract.js';
import type { LoadTestResult } from '../src/load/load-contract.js';
import { testing } from '../src/testing.skill.js';

type Payload = Readonly<Record<string, unknown>>;

interface Results {
  readonly http_checks: HttpChecksResult;
  readonly contract_test: ContractTestResult;
  readonly load_test: LoadTestResult;
}

export interface Ran<T> extends OperationRun {
  readonly result: T;
}

/** What lets a server at this URL be asked: the operator's list of origins, and the tenant's of hosts. */
export const open = (url: string): Pick<RunOptions, 'outgoing' | 'settings'> => {
  const { origin, hostname, port } = new URL(url);
  return {
    outgoing: { origins: [origin] },
    settings: { 'allowed-hosts': [{ host: hostname, ports: [Number(port)], load_test: true }] },
  };
};

/** Runs an operation as a worker would. */
export const run = async <Name extends keyof Results>(
  operation: Name,
  payload: Payload,
  options: RunOptions = {},
): Promise<Ran<Results[Name]>> =>
  // The result is checked by the specs themselves.
  (await runOperation(testing, { operation, ...payload }, options)) as Ran<Results[Name]>;

/** The code with which it fails. */
export const codeOf = async (failing: Promise<unknown>): Promise<unknown> => {
  try {
    return await failing;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};
