import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildDebianRoot } from './debian-root.mjs';
import { servicesFolder } from './state.mjs';
import { suites } from './suites.mjs';

/** Where a suite's root filesystem is, built or not. */
export const rootOf = (suite) => join(servicesFolder, suite);

export const isBuilt = (suite) => existsSync(rootOf(suite));

/** Builds the root filesystem of a suite unless it is there. Needs root and the lock. */
export async function ensureBuilt(suite) {
  if (isBuilt(suite)) return;
  const { postgresMajor, contains } = suites[suite];
  const packages = [`postgresql-${postgresMajor}-pgvector`, 'rabbitmq-server'];
  await buildDebianRoot({ target: rootOf(suite), suite, packages, contains });
}
