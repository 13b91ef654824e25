// The descriptions of @readme/oas-examples: real and made ones, in JSON and mostly in YAML too.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = dirname(createRequire(import.meta.url).resolve('@readme/oas-examples/package.json'));

export interface OasExample {
  /** Such as `3.1/json/train-travel.json`. */
  readonly name: string;
  readonly text: string;
}

export const oasExample = (name: string): OasExample => ({ name, text: readFileSync(join(root, name), 'utf8') });

export const oasExamples = (version: '3.0' | '3.1', format: 'json' | 'yaml'): OasExample[] =>
  readdirSync(join(root, version, format), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => oasExample(`${version}/${format}/${name}`));
