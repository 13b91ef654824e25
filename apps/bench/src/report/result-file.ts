import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { type Finding, RunResult } from './finding.js';

/** @throws when there is no result in the file */
export const readResult = (path: string): RunResult => RunResult.parse(JSON.parse(readFileSync(path, 'utf8')));

/** Later findings take the place of earlier ones of the same measurement. */
export const together = (results: readonly RunResult[]): RunResult => {
  const last = results.at(-1);
  if (last === undefined) throw new RangeError('there is no result');
  return { ...last, findings: Object.assign({}, ...results.map(({ findings }) => findings)) as RunResult['findings'] };
};

/** The result of a run, which can be done in pieces. */
export class ResultFile {
  private result: RunResult;

  constructor(
    readonly path: string,
    machine: RunResult['machine'],
  ) {
    const known = existsSync(path) ? readResult(path) : { findings: {} };
    this.result = { ...known, at: new Date().toISOString().slice(0, 10), machine };
  }

  get contents(): RunResult {
    return this.result;
  }

  add(name: string, finding: Finding): void {
    this.result = { ...this.result, findings: { ...this.result.findings, [name]: finding } };
    writeFileSync(this.path, `${JSON.stringify(this.result, null, 2)}\n`);
  }
}
