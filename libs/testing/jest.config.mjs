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
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/migrations', '<rootDir>/deploy/local'],
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts', '**/deploy/local/**/*.policy.spec.mjs'],
  modulePathIgnorePatterns: ['<rootDir>/(apps|libs|migrations)/(?!.*node_modules).*dist/'],
  testEnvironment: 'node',
  // "source": libraries of this workspace are read from src, without a build. Jest adds "import" or "require" itself, as
  // each file needs; naming "import" here would hand ES modules to the require() of CommonJS dependencies.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // js first: with the mapping above, a dependency that ships x.ts beside x.js must still get its x.js.
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  globalSetup: '<rootDir>/libs/testing/jest.global-setup.mjs',
  maxWorkers: 2,
  // Real brokers restart and real databases migrate inside a test.
  testTimeout: 30_000,
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
  ],
};
