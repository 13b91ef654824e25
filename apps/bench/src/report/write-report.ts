import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { workspaceRoot } from '@pulser/harness';

import { barChart } from './bar-chart.js';
import type { RunResult } from './finding.js';
import { resultText } from './markdown.policy.js';
import { withResults } from './readme.policy.js';

const folder = join(workspaceRoot, 'apps/bench');
const readme = join(folder, 'README.md');
const chart = join(folder, 'throughput.svg');

/** Writes the tables into the README of this app, and the chart beside it. @returns what was written */
export const writeReport = (result: RunResult): string[] => {
  writeFileSync(readme, withResults(readFileSync(readme, 'utf8'), resultText(result)));
  const bars = result.findings['throughput']?.bars;
  if (bars === undefined) return [readme];
  writeFileSync(chart, barChart('Tasks a second, from the request to the end of the task', bars));
  return [readme, chart];
};
