import { fileURLToPath } from 'node:url';

const swc = {
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript', decorators: true },
    // As tsc with experimentalDecorators and emitDecoratorMetadata: Nest and TypeORM read the types at run time.
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
    experimental: { keepImportAttributes: true },
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/** @type {import('jest').Config} */
export default {
  rootDir: fileURLToPath(new URL('../..', import.meta.url)),
  roots: [
    '<rootDir>/apps',
    '<rootDir>/libs',
    '<rootDir>/migrations',
    '<rootDir>/deploy/checks',
    '<rootDir>/deploy/local',
    '<rootDir>/deploy/monitoring',
    '<rootDir>/deploy/runbooks',
    '<rootDir>/deploy/superset',
    '<rootDir>/deploy/upgrades',
  ],
  testMatch: [
    '**/*.spec.ts',
    '**/*.e2e-spec.ts',
    '**/deploy/checks/*.spec.mjs',
    '**/deploy/local/**/*.policy.spec.mjs',
    '**/deploy/{monitoring,runbooks,superset,upgrades}/*.spec.mjs',
  ],
  modulePathIgnorePatterns: ['<rootDir>/(apps|libs|migrations)/(?!.*node_modules).*dist/'],
  // Specs run on Node's own module loader, and the suites of a worker share the modules of src and node_modules: loading them
  // anew in a VM took longer than most tests. Specs and their helpers (test/) are loaded anew for each suite.
  runtime: '<rootDir>/libs/testing/native/runtime.mjs',
  testEnvironment: '<rootDir>/libs/testing/native/environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  globalSetup: '<rootDir>/libs/testing/jest.global-setup.mjs',
  testSequencer: '<rootDir>/libs/testing/sequencer.mjs',
  // More than cores: most suites wait for a broker, a database or a time limit, and use little CPU.
  maxWorkers: 3,
  // Real brokers restart and real databases migrate inside a test.
  testTimeout: 120_000,
  // Not v8: it counts blank lines, comments and types as lines, so the percentage says little.
  coverageProvider: 'babel',
  coverageDirectory: '<rootDir>/coverage',
  coverageReporters: ['text-summary', 'json-summary'],
  collectCoverageFrom: [
    '{apps,libs}/**/src/**/*.ts',
    'migrations/**/*.ts',
    '!**/*.{spec,e2e-spec}.ts',
    '!**/index.ts',
    '!**/{dist,test,node_modules}/**',
    // What runs in a browser is tested there.
    '!apps/dashboard/src/**/!(*.policy).ts',
  ],
};
