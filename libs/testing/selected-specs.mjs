import { globSync } from 'node:fs';
import { resolve } from 'node:path';

/** The spec files this run of Jest was asked for, or undefined when that cannot be told from its configuration. */
export function selectedSpecs({
  rootDir,
  testPathPatterns,
  runTestsByPath,
  nonFlagArgs,
  findRelatedTests,
  onlyChanged,
}) {
  if (runTestsByPath) return nonFlagArgs;
  if (findRelatedTests || onlyChanged) return undefined;
  const patterns = testPathPatterns.toExecutor({ rootDir });
  return globSync('{apps,libs,migrations,deploy}/**/*{.,-}spec.{ts,mjs}', { cwd: rootDir, exclude: isForeign })
    .map((path) => resolve(rootDir, path))
    .filter((path) => patterns.isMatch(path));
}

/** Pure specs (`*.policy.spec.ts`) need nothing outside their process; all others may. */
export const needServices = (specs) => specs === undefined || specs.some((path) => !/\.policy\.spec\.\w+$/.test(path));

const isForeign = (path) => /(^|\/)(node_modules|dist)(\/|$)/.test(path);
