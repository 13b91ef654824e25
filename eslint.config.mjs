import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import security from 'eslint-plugin-security';
import tseslint from 'typescript-eslint';

// Who may import whom: down, never sideways, never up.
const layers = {
  // Imports nothing of ours.
  base: [],
  contracts: ['base'],
  kit: ['contracts', 'base'],
  migrations: [],
  // Guarded HTTP to the outside, for services and skills.
  outgoing: ['kit', 'contracts', 'base'],
  tech: ['migrations', 'kit', 'contracts', 'base'],
  store: ['outgoing', 'tech', 'kit', 'contracts', 'base'],
  runtime: ['outgoing', 'store', 'tech', 'kit', 'contracts', 'base'],
  skill: ['runtime', 'outgoing', 'contracts', 'base'],
  agent: ['outgoing', 'skill', 'runtime', 'kit', 'contracts', 'base'],
  service: ['outgoing', 'store', 'tech', 'kit', 'contracts', 'base'],
  host: ['outgoing', 'service', 'agent', 'runtime', 'store', 'tech', 'kit', 'contracts', 'migrations', 'base'],
  // A server of the MCP coordinator: it reaches vendors, and nothing of Pulser's own data.
  'mcp-server': ['outgoing', 'kit', 'contracts', 'base'],
  // What runs in a browser, and what users install: the API's schemas and nothing else of ours.
  web: ['client', 'contracts', 'base'],
  client: ['contracts', 'base'],
  // Starts servers and built services as processes; for harness apps only.
  'harness-kit': ['store', 'tech', 'kit', 'contracts', 'base'],
  // Breaks or measures the built services from outside: it starts their processes and imports none of them.
  harness: ['harness-kit', 'runtime', 'store', 'tech', 'kit', 'contracts', 'base'],
  // Has generated files read by a skill, in the worker's test kit.
  'reading-harness': ['harness-kit', 'skill', 'runtime', 'contracts', 'base'],
  testing: ['outgoing', 'store', 'tech', 'kit', 'contracts', 'migrations', 'base'],
};

// An outside technology has one library that speaks it.
const bannedOutside = {
  contracts: ['@nestjs/*', 'pg', 'typeorm', 'amqplib', 'pino', 'prom-client'],
  service: ['amqplib', 'pg', 'pino', 'prom-client'],
  agent: ['amqplib', 'pg', 'typeorm', 'pino', 'prom-client'],
  skill: ['amqplib', 'pg', 'typeorm', 'pino', 'prom-client'],
  runtime: ['amqplib', 'pg', 'typeorm'],
  'mcp-server': ['amqplib', 'pg', 'typeorm', 'pino', 'prom-client'],
  web: ['@nestjs/*', 'pg', 'typeorm', 'amqplib', 'pino', 'prom-client', 'undici'],
  client: ['@nestjs/*', 'pg', 'typeorm', 'amqplib', 'pino', 'prom-client', 'undici'],
};

// libs/outgoing alone may open HTTP connections: it knows where they must not lead.
const guarded = 'Ask through @pulser/outgoing, which keeps requests out of private networks.';
const clientModules = ['undici', ...['http', 'https', 'http2'].flatMap((name) => [name, `node:${name}`])];
const clientGlobals = ['fetch', 'EventSource', 'WebSocket'];

const tag = (layer) => `layer:${layer}`;

const constraint = ([layer, below]) => ({
  sourceTag: tag(layer),
  onlyDependOnLibsWithTags: below.map(tag),
  ...(bannedOutside[layer] && { bannedExternalImports: bannedOutside[layer] }),
});

const boundaries = (allowed) => [
  'error',
  { enforceBuildableLibDependency: false, allow: [], depConstraints: Object.entries(allowed).map(constraint) },
];

const withTesting = Object.fromEntries(Object.entries(layers).map(([layer, below]) => [layer, [...below, 'testing']]));

const composed = ':matches(TemplateLiteral[expressions.length>0], BinaryExpression[operator="+"])';
const sqlMessage = 'SQL text is written whole, values are parameters. Fixed fragments: see `reviewedSql`.';

const strictSecurity = {
  ...Object.fromEntries(Object.keys(security.configs.recommended.rules).map((rule) => [rule, 'error'])),
  // These four cry wolf: at every index of an array and every table by a closed set of names, which types check better;
  'security/detect-object-injection': 'off',
  // at every path that is not written out, here all from the configuration or the source;
  'security/detect-non-literal-fs-filename': 'off',
  // at patterns composed of constants;
  'security/detect-non-literal-regexp': 'off',
  // and at every repeated group, bounded or not. Specs give the patterns for foreign text hostile input instead.
  'security/detect-unsafe-regex': 'off',
};

// Values never become part of a statement.
const parametrisedSql = [
  'error',
  { selector: `CallExpression[callee.name="statement"] > ${composed}.arguments`, message: sqlMessage },
  { selector: `CallExpression[callee.property.name="query"] > ${composed}.arguments`, message: sqlMessage },
];

// Composed of constants of the source, lists of columns and names from closed lists; looked at one by one.
const reviewedSql = [
  'apps/chaos/src/check/facts.ts',
  'apps/embedded/src/database/upkeep.ts',
  'libs/context-bus/src/access/keys.ts',
  'libs/context-bus/src/access/tenants.ts',
  'libs/context-bus/src/audit/audit-trail.ts',
  'libs/context-bus/src/dead-letters/dead-letters.ts',
  'libs/context-bus/src/dead-letters/discards.ts',
  'libs/context-bus/src/dead-letters/replays.ts',
  'libs/context-bus/src/effects/effects.ts',
  'libs/context-bus/src/limits/rate-limits.ts',
  'libs/context-bus/src/tasks/claims.ts',
  'libs/context-bus/src/tasks/endings.ts',
  'libs/context-bus/src/tasks/inserts.ts',
  'libs/context-bus/src/tasks/reads.ts',
  'libs/context-bus/src/tasks/sweep.ts',
  'libs/context-bus/src/tasks/unclaimed.ts',
  'libs/database/src/schema/logins.ts',
  'libs/database/src/schema/migrate.ts',
  'libs/testing/src/test-database.ts',
];

export default tseslint.config(
  { ignores: ['**/dist', '**/coverage', '.nx', '.pulser'] },
  { files: ['**/*.{ts,mjs}'], plugins: { '@nx': nx } },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(layers),
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Nest's modules are classes without members.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowEmpty: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Rows are typed where they are read: the type parameter is the promise of the statement beside it.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.e2e-spec.ts', '**/test/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': boundaries({ ...withTesting, store: [...withTesting.store, 'store'] }),
    },
  },
  {
    files: ['**/*.ts'],
    // Harnesses ask only what they started themselves.
    ignores: [
      'libs/outgoing/**',
      'libs/harness/**',
      'apps/chaos/**',
      'apps/bench/**',
      // A page and a client ask the gateway that their user names.
      'apps/dashboard/**',
      'libs/client/**',
      '**/*.spec.ts',
      '**/*.e2e-spec.ts',
      '**/test/**',
      'libs/testing/**',
    ],
    rules: {
      'no-restricted-globals': ['error', ...clientGlobals.map((name) => ({ name, message: guarded }))],
      'no-restricted-properties': [
        'error',
        ...clientGlobals.map((property) => ({ object: 'globalThis', property, message: guarded })),
      ],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: clientModules.map((name) => ({ name, message: guarded, allowTypeImports: true })) },
      ],
    },
  },
  {
    // What a browser loads: no module of Node, whose globals it has not.
    files: ['apps/dashboard/src/**/*.{ts,tsx}', 'libs/client/src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'A browser has no modules of Node.' }] },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'setImmediate', '__dirname'],
    },
  },
  // Entities are filled by TypeORM, never constructed.
  { files: ['**/*.entity.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  prettier,
  {
    files: ['**/*.{ts,mjs}'],
    plugins: { security },
    rules: {
      ...strictSecurity,
    },
  },
  {
    files: ['{apps,libs,migrations}/**/src/**/*.ts'],
    ignores: ['**/*.spec.ts', ...reviewedSql],
    rules: { 'no-restricted-syntax': parametrisedSql },
  },
);
