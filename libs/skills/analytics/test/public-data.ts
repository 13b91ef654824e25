import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { Source } from '@pulser/data-sandbox';

const directory = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');

export const publicText = (file: string): string => readFileSync(join(directory, file), 'utf8');

/** A data set of the package vega-datasets as a source. */
export const publicSource = (name: string, file: string): Source => ({
  name,
  format: file.endsWith('.csv') ? 'csv' : 'json',
  content: publicText(file),
});

/** Rows of a CSV file without quoted fields, by column name. */
export const plainCsv = (file: string): Record<string, string>[] => {
  const [header = '', ...lines] = publicText(file).trim().split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [names[index] ?? '', cell])));
};
