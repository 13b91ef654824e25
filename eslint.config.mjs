import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import security from 'eslint-plugin-security';
import tseslint from 'typescript-eslint';
import { workspacePrograms } from './deploy/local/test-run/programs.mjs';

const service = [
  'workflows',
  'models',
  'embedding',
  'notify',
  'schedules',
  'outgoing',
  'store',
  'tech',
  'kit',
  'contracts',
  'base',
];

// Who may import whom: down, never sideways, never up.
const layers = {
  // Imports nothing of ours.
  base: [],
  contracts: ['base'],
  kit: ['contracts', 'base'],
  migrations: [],
  // Guarded HTTP to the outside, for services and skills.
  outgoing: ['kit', 'contracts', 'base'],
  // Messages to people and programs outside: Slack, e-mail, webhooks.
  notify: ['outgoing', 'contracts', 'base'],
  // At which times a schedule fires.
  schedules: ['contracts', 'base'],
  tech: ['migrations', 'kit', 'contracts', 'base'],
  // Texts to vectors, by a model of its own or by an endpoint.
  embedding: ['outgoing', 'kit', 'contracts', 'base'],
  // Language models behind endpoints: one try of a call, what it may cost and has cost.
  models: ['outgoing', 'kit', 'contracts', 'base'],
  // What a workflow is and how it goes on, as pure decisions.
  workflows: ['contracts', 'base'],
  store: ['workflows', 'models', 'embedding', 'schedules', 'outgoing', 'tech', 'kit', 'contracts', 'base'],
  runtime: ['workflows', 'models', 'embedding', 'outgoing', 'store', 'tech', 'kit', 'contracts', 'base'],
  // What several skills are made of: pictures of rows, and SQL over foreign data in processes of its own.
  charts: ['contracts', 'base'],
  'data-sandbox': ['charts', 'runtime', 'contracts', 'base'],
  skill: ['workflows', 'data-sandbox', 'charts', 'runtime', 'outgoing', 'contracts', 'base'],
  // The agent whose worker advances runs of workflows: it reads and writes their tables.
  orchestrator: ['workflows', 'outgoing', 'skill', 'runtime', 'store', 'tech', 'kit', 'contracts', 'base'],
  agent: ['workflows', 'outgoing', 'skill', 'runtime', 'kit', 'contracts', 'base'],
  service,
  // The service that calls MCP servers, which may run in its own process.
  'mcp-host': ['mcp-server', 'mcp-database-server', 'mcp-kit', ...service],
  host: [
    'mcp-host',
    'mcp-server',
    'mcp-database-server',
    'mcp-kit',
    'workflows',
    'models',
    'embedding',
    'notify',
    'schedules',
    'outgoing',
    'service',
    'orchestrator',
    'agent',
    'runtime',
    'store',
    'tech',
    'kit',
    'contracts',
    'migrations',
    'base',
  ],
  // What servers of the MCP coordinator are made of: definition, call, transports.
  'mcp-kit': ['outgoing', 'base'],
  // A server of the MCP coordinator: it reaches vendors, and nothing of Pulser's own data.
  'mcp-server': ['mcp-kit', 'outgoing', 'kit', 'contracts', 'base'],
  // The one whose vendor is PostgreSQL, with a login of its own.
  'mcp-database-server': ['mcp-kit', 'embedding', 'outgoing', 'kit', 'contracts', 'base'],
  // What runs in a browser, and what users install: the API's schemas and nothing else of ours.
  web: ['client', 'contracts', 'base'],
  client: ['contracts', 'base'],
  // Starts servers and built services as processes; for harness apps only.
  'harness-kit': ['store', 'tech', 'kit', 'contracts', 'base'],
  // Breaks or measures the built services from outside: it starts their processes and imports none of them.
  harness: ['workflows', 'harness-kit', 'runtime', 'store', 'tech', 'kit', 'contracts', 'base', 'testing'],
  // Has generated files read by a skill, in the worker's test kit.
  'reading-harness': ['harness-kit', 'skill', 'runtime', 'models', 'kit', 'contracts', 'base'],
  testing: ['workflows', 'models', 'embedding', 'outgoing', 'store', 'tech', 'kit', 'contracts', 'migrations', 'base'],
};

// An outside technology has one library that speaks it.
const bannedOutside = {
  contracts: ['@nestjs/*', 'pg', 'typeorm', 'amqplib', 'pino', 'prom-client'],
  service: ['workflows', 'amqplib', 'nodemailer', 'pg', 'pino', 'prom-client'],
  agent: ['workflows', 'amqplib', 'pg', 'typeorm', 'pino', 'prom-client'],
  skill: ['workflows', 'amqplib', 'pg', 'typeorm', 'pino', 'prom-client'],
  'data-sandbox': ['amqplib', 'pg', 'typeorm', 'pino', 'prom-client'],
  runtime: ['workflows', 'amqplib', 'pg', 'typeorm'],
  'mcp-kit': ['@nestjs/*', 'amqplib', 'pg', 'typeorm', 'pino', 'prom-client'],
  'mcp-server': ['@nestjs/*', 'amqplib', 'pg', 'typeorm', 'pino', 'prom-client'],
  'mcp-database-server': ['@nestjs/*', 'amqplib', 'typeorm', 'pino', 'prom-client'],
  'mcp-host': ['workflows', 'amqplib', 'nodemailer', 'pg', 'pino', 'prom-client'],
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
  {
    enforceBuildableLibDependency: false,
    allow: [],
    // A part of it is small and always there, the client comes with the first request.
    checkDynamicDependenciesExceptions: ['@pulser/outgoing/rules'],
    depConstraints: Object.entries(allowed).map(constraint),
  },
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

// A check of the whole workspace reads all its types once: a project service, which suits an editor and a check of one
// project, reads those of the libraries anew for each project, in three times the time.
const types = process.env.LINT_WORKSPACE ? { programs: workspacePrograms() } : { projectService: true };

const asText =
  'Text of tenants is text: render it as a child, and never let a browser read it as markup or as a script.';

// Names by which a page would interpret a text. The browser refuses the rest: its policy has Trusted Types.
const textStaysText = [
  'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
  'Property[key.name="dangerouslySetInnerHTML"]',
  'AssignmentExpression[left.property.name=/^(innerHTML|outerHTML|srcdoc)$/]',
  'JSXAttribute[name.name=/^(srcDoc|srcdoc)$/]',
  'CallExpression[callee.property.name=/^(insertAdjacentHTML|createContextualFragment|parseFromString|setHTMLUnsafe)$/]',
  'MemberExpression[object.name="document"][property.name=/^writ/]',
].map((selector) => ({ selector, message: asText }));

// Values never become part of a statement.
const parametrisedSql = [
  'error',
  { selector: `CallExpression[callee.name="statement"] > ${composed}.arguments`, message: sqlMessage },
  { selector: `CallExpression[callee.property.name="query"] > ${composed}.arguments`, message: sqlMessage },
];

// Composed of constants of the source, lists of columns and names from closed lists; looked at one by one.
const reviewedSql = [
  'apps/chaos/src/check/facts.ts',
  'apps/chaos/src/check/waiting-facts.ts',
  'apps/chaos/src/drill/observations.ts',
  'apps/embedded/src/database/upkeep.ts',
  'libs/context-bus/src/access/installation-keys.ts',
  'libs/context-bus/src/access/installation-sessions.ts',
  'libs/context-bus/src/access/keys.ts',
  'libs/context-bus/src/access/root-principals.ts',
  'libs/context-bus/src/access/sessions.ts',
  'libs/context-bus/src/access/tenants.ts',
  'libs/context-bus/src/approvals/approval-decisions.ts',
  'libs/context-bus/src/approvals/approval-reads.ts',
  'libs/context-bus/src/approvals/approval-sweep.ts',
  'libs/context-bus/src/audit/audit-trail.ts',
  'libs/context-bus/src/content/contents.ts',
  'libs/context-bus/src/datasets/datasets.ts',
  'libs/context-bus/src/dead-letters/dead-letters.ts',
  'libs/context-bus/src/dead-letters/discards.ts',
  'libs/context-bus/src/dead-letters/growth.ts',
  'libs/context-bus/src/health/agent-history.ts',
  'libs/context-bus/src/health/agent-statuses.ts',
  'libs/context-bus/src/health/canaries.ts',
  'libs/context-bus/src/dead-letters/replays.ts',
  'libs/context-bus/src/effects/effects.ts',
  'libs/context-bus/src/tools/call-approvals.ts',
  'libs/context-bus/src/tools/tool-calls.ts',
  'libs/context-bus/src/hooks/hook-events.ts',
  'libs/context-bus/src/hooks/hooks.ts',
  'libs/context-bus/src/incidents/incident-reads.ts',
  'libs/context-bus/src/incidents/incidents.ts',
  'libs/context-bus/src/limits/rate-limits.ts',
  'libs/context-bus/src/memory/memory-reads.ts',
  'libs/context-bus/src/memory/memory-writes.ts',
  'libs/context-bus/src/notifications/deliveries.ts',
  'libs/context-bus/src/notifications/destinations.ts',
  'libs/context-bus/src/rollups/folds.ts',
  'libs/context-bus/src/schedules/schedule-sweep.ts',
  'libs/context-bus/src/schedules/schedules.ts',
  'libs/context-bus/src/tasks/amendments.ts',
  'libs/context-bus/src/secrets/tenant-secrets.ts',
  'libs/context-bus/src/spend/spend-ledger.ts',
  'libs/context-bus/src/spend/spend-reads.ts',
  'libs/context-bus/src/tasks/claims.ts',
  'libs/context-bus/src/tasks/endings.ts',
  'libs/context-bus/src/tasks/finished-tasks.ts',
  'libs/context-bus/src/tasks/inserts.ts',
  'libs/context-bus/src/tasks/key-gate.ts',
  'libs/context-bus/src/tasks/reads.ts',
  'libs/context-bus/src/tasks/suspensions.ts',
  'libs/context-bus/src/tasks/sweep.ts',
  'libs/context-bus/src/tasks/task-lists.ts',
  'libs/context-bus/src/tasks/task-sources.ts',
  'libs/context-bus/src/tasks/unclaimed.ts',
  'libs/context-bus/src/tasks/waits.ts',
  'libs/context-bus/src/telemetry/timelines.ts',
  'libs/context-bus/src/waits/signals.ts',
  'libs/context-bus/src/waits/task-waits.ts',
  'libs/context-bus/src/waits/wait-reads.ts',
  'libs/context-bus/src/workflows/decisions.ts',
  'libs/context-bus/src/workflows/definitions.ts',
  'libs/context-bus/src/workflows/run-begins.ts',
  'libs/context-bus/src/workflows/run-ends.ts',
  'libs/context-bus/src/workflows/run-reads.ts',
  'libs/context-bus/src/workflows/run-scopes.ts',
  'libs/context-bus/src/workflows/runs.ts',
  'libs/database/src/schema/logins.ts',
  'libs/database/src/schema/migrate.ts',
  'libs/testing/src/test-database.ts',
];

export default tseslint.config(
  { ignores: ['**/dist', '**/coverage', '.nx', '.pulser'] },
  { files: ['**/*.{ts,tsx,mjs}'], plugins: { '@nx': nx } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: types },
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
      '@nx/enforce-module-boundaries': boundaries({
        ...withTesting,
        store: [...withTesting.store, 'store'],
        // What a skill says of tasks is compared with their rows.
        skill: [...withTesting.skill, 'store', 'tech'],
        // It is asked for the memories of a migrated database.
        'mcp-database-server': [...withTesting['mcp-database-server'], 'tech'],
      }),
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
  {
    files: ['apps/dashboard/src/**/*.{ts,tsx}'],
    // A throw of redirect() or notFound() is how the router is answered.
    rules: {
      '@typescript-eslint/only-throw-error': 'off',
      'no-restricted-syntax': ['error', ...textStaysText],
    },
  },
  {
    // The models of @kubernetes/client-node are classes without methods: its examples write them as objects too.
    files: ['apps/mcp/kubernetes/src/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  // Entities are filled by TypeORM, never constructed.
  { files: ['**/*.entity.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  prettier,
  {
    files: ['**/*.{ts,tsx,mjs}'],
    plugins: { security },
    rules: {
      ...strictSecurity,
    },
  },
  {
    files: ['{apps,libs,migrations}/**/src/**/*.ts'],
    // The dashboard has no SQL, and rules of its own of this kind.
    ignores: ['**/*.spec.ts', 'apps/dashboard/**', ...reviewedSql],
    rules: { 'no-restricted-syntax': parametrisedSql },
  },
);
