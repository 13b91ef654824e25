// What `npm run test:integration` runs: for each category the specs that show it on real servers, in under five minutes.

/** Category -> spec files from the root of the workspace, or a word on why there is none. */
export const categories = {
  submission: ['apps/gateway/test/api.e2e-spec.ts', 'apps/router/test/orders.e2e-spec.ts'],
  'health of services': [
    'apps/gateway/test/outage.e2e-spec.ts',
    'libs/messaging/test/service-broker.spec.ts',
    'libs/service-kit/src/health/readiness.policy.spec.ts',
    'libs/service-kit/test/service.spec.ts',
  ],
  'coordination of tools': 'none yet: comes with the MCP coordinator',
  failover: [
    'apps/embedded/test/apart.e2e-spec.ts',
    'libs/agent-runtime/test/isolation.spec.ts',
    'libs/agent-runtime/test/redelivery.spec.ts',
    'libs/context-bus/test/task-claims.spec.ts',
    'libs/messaging/test/rabbit-broker.spec.ts',
  ],
  'load balancing': [
    'libs/context-bus/src/agents/route.policy.spec.ts',
    'apps/router/test/dispatch.e2e-spec.ts',
    'apps/router/test/priorities.e2e-spec.ts',
    'libs/context-bus/test/task-backlog.spec.ts',
    'libs/context-bus/test/tenant-shares.spec.ts',
  ],
};

export const integrationSpecs = Object.values(categories).filter(Array.isArray).flat();

/** One line per category for the summary. @param results of Jest, with names of files from the root of the workspace */
export const categoryLines = (results) =>
  Object.entries(categories).map(([category, specs]) => {
    if (!Array.isArray(specs)) return `${category.padEnd(24)}${specs}`;
    const suites = (results?.testResults ?? []).filter(({ name }) => specs.includes(name));
    const count = (wanted) =>
      suites.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === wanted).length;
    const missing = specs.length - suites.filter(({ assertionResults }) => assertionResults.length > 0).length;
    const notRun = missing === 0 ? '' : `, ${missing} of ${specs.length} specs did not run`;
    return `${category.padEnd(24)}${count('passed')} passed, ${count('failed')} failed${notRun}`;
  });
