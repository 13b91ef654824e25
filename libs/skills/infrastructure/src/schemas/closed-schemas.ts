// The closed schemas as a build made them; in a workspace whose build has not, they are made at first use.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { KubernetesSchemas, Schema } from './kubernetes-declarations.js';

export interface ClosedSchemas {
  readonly kubernetes: KubernetesSchemas;
  readonly 'app-platform': Schema;
  readonly compose: Schema;
}

const fromSource = import.meta.url.endsWith('.ts');
const made = new URL(fromSource ? '../../dist/closed-schemas.js' : '../closed-schemas.js', import.meta.url);
const generator = new URL(`./closed-schemas.generate.${fromSource ? 'ts' : 'js'}`, import.meta.url);

// Node strips types itself, but takes the import './x.js' literally where only './x.ts' lies.
const readSources = `
  import { registerHooks } from 'node:module';
  const source = (specifier, parent) =>
    parent?.endsWith('.ts') ? specifier.replace(/^(\\..*)\\.js$/, '$1.ts') : specifier;
  registerHooks({ resolve: (specifier, context, next) => next(source(specifier, context.parentURL), context) });`;

const loader = fromSource ? ['--import', `data:text/javascript,${encodeURIComponent(readSources)}`] : [];

/** Runs the generator in a process of its own, so that the compiler which it loads goes with it. */
export const generateSchemas = async (): Promise<void> => {
  await promisify(execFile)(process.execPath, [...loader, fileURLToPath(generator)]);
};

interface Generated {
  readonly default: ClosedSchemas;
}

// The first line of the file names the packages that it was made of.
const isCurrent = (): boolean => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    devDependencies: unknown;
  };
  return existsSync(made) && readFileSync(made, 'utf8').startsWith(`// ${JSON.stringify(devDependencies)}\n`);
};

const load = async (): Promise<ClosedSchemas> => {
  if (!isCurrent()) await generateSchemas();
  const generated = (await import(made.href)) as Generated;
  return generated.default;
};

let loading: Promise<ClosedSchemas> | undefined;

/** Once per thread. @throws Error when they are not there and cannot be made */
export const closedSchemas = (): Promise<ClosedSchemas> => (loading ??= load());
