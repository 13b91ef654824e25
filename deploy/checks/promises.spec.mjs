import * as roster from '@pulser/roster';
import { deployedServices, toolConnections } from '../local/deployed.mjs';
import { writtenFiles } from '../local/deployment-files.mjs';
import { deployment, deployments, read } from './deployments.mjs';
import { componentsOf, manifestsOf, valueOf } from './workloads.mjs';

const documented = new Set([...read('deploy/CONFIGURATION.md').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name));
const services = deployedServices(roster);
const overlays = deployments.filter(({ format }) => format === 'kubernetes');
const production = deployments.filter(({ name }) => name !== 'docker-compose.yml');

/** Without these in a deployment it is not what it says it is. */
const secretVariables =
  /^(?:DATABASE_URL|MCP_ALL_SUPABASE_DB_URL|AMQP_URL|SECRETS_KEY|METRICS_TOKEN|PULSER_\w+_PASSWORD)$/;

describe('the files that follow from the roster', () => {
  it.each(Object.entries(writtenFiles(roster, read)))('%s is what `npm run docs` writes', (path, text) => {
    expect(read(path)).toBe(text);
  });
});

describe.each(deployments)('$name', (one) => {
  const components = componentsOf(one);

  it('runs every service of the roster, and migrates', () => {
    const names = components.map(({ name }) => name.replace(/^gateway-\d$/, 'gateway').replaceAll('_', '-'));
    expect(new Set(names)).toEqual(
      new Set([...services.map(({ host }) => host), 'migrate', ...(one.format === 'compose' ? ['cli'] : [])]),
    );
  });

  it('sets no variable that does not exist', () => {
    const unknown = components.flatMap(({ name, variables }) =>
      variables.filter((variable) => !documented.has(variable.name)).map((variable) => `${name}: ${variable.name}`),
    );
    expect(unknown).toEqual([]);
  });

  it('gives each service what it cannot start without', () => {
    for (const { name, variables } of components.filter(({ name }) => !['migrate', 'cli'].includes(name)))
      expect([name, ...variables.map((variable) => variable.name)]).toEqual(
        expect.arrayContaining([name, 'DATABASE_URL', 'AMQP_URL']),
      );
  });
});

describe.each(production)('$name', (one) => {
  const components = componentsOf(one);

  it('has each secret from a secret', () => {
    const secrets = components.flatMap(({ name, variables }) =>
      variables
        .filter((variable) => secretVariables.test(variable.name))
        .map(({ name: variable, isSecret }) => ({ at: `${name}: ${variable}`, isSecret })),
    );
    expect(secrets.length).toBeGreaterThan(30);
    expect(secrets.filter(({ isSecret }) => !isSecret)).toEqual([]);
  });

  it('lets no service open more connections than migrate has asked the server for', () => {
    const most = services.reduce((sum, { name, host, pools }) => {
      const own = components.filter(
        (component) => component.name.replace(/^gateway-\d$/, 'gateway').replaceAll('_', '-') === host,
      );
      expect([name, own.length]).not.toEqual([name, 0]);
      return (
        sum +
        own.reduce(
          (all, component) => all + component.instances * pools * Number(valueOf(component, 'DATABASE_POOL_MAX') ?? 10),
          0,
        )
      );
    }, 0);
    const migrate = components.find(({ name }) => name === 'migrate');
    expect(Number(valueOf(migrate, 'DATABASE_CONNECTIONS'))).toBe(most + toolConnections);
  });
});

describe('a PostgreSQL that is deployed with Pulser', () => {
  const connectionsOf = (one) =>
    Number(
      valueOf(
        componentsOf(one).find(({ name }) => name === 'migrate'),
        'DATABASE_CONNECTIONS',
      ),
    );
  // Three are reserved for superusers; operators, backups and persons need some.
  const spare = 5;

  it('by compose has connections for all pools', () => {
    const one = deployment('compose/production.yml');
    expect(Number(/max_connections=(\d+)/.exec(one.text)[1])).toBeGreaterThanOrEqual(connectionsOf(one) + spare);
  });

  (overlays.length > 0 ? it : it.skip)('by CloudNativePG has connections for all pools', () => {
    const one = deployment('kubernetes/example');
    const cluster = manifestsOf(one).find(({ kind }) => kind === 'Cluster');
    expect(Number(cluster.spec.postgresql.parameters.max_connections)).toBeGreaterThanOrEqual(
      connectionsOf(one) + spare,
    );
  });
});

(overlays.length > 0 ? describe.each(overlays) : describe.skip.each([{ name: 'kubernetes' }]))('$name', (one) => {
  const manifests = one.text === undefined ? [] : manifestsOf(one);
  const pods = manifests.filter(({ kind }) => kind === 'Deployment').map(({ spec }) => spec.template.spec);
  const ofKind = (kind) => manifests.filter((manifest) => manifest.kind === kind);

  it('starts no service of a release before its migrations have succeeded, and keeps the old pods until it has started', () => {
    const [migrate] = ofKind('Job')[0].spec.template.spec.containers;
    for (const { initContainers } of pods) {
      expect(initContainers).toHaveLength(1);
      expect(initContainers[0]).toMatchObject({ name: 'schema', image: migrate.image });
      expect(initContainers[0].args.slice(0, 2)).toEqual(['schema', 'wait']);
    }
    for (const { spec } of ofKind('Deployment'))
      expect(spec.strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
  });

  it('gives a pod longer to go than its service takes to end', () => {
    const { SHUTDOWN_TIMEOUT_S: shutdownS } = ofKind('ConfigMap').find(({ data }) => data.SHUTDOWN_TIMEOUT_S).data;
    for (const { terminationGracePeriodSeconds: graceS, containers } of pods)
      expect(graceS).toBeGreaterThanOrEqual(Number(shutdownS) + containers[0].lifecycle.preStop.sleep.seconds + 5);
  });

  it('spreads the pods of each service over zones and machines', () => {
    for (const { topologySpreadConstraints: spread } of pods) {
      expect(spread.map(({ topologyKey }) => topologyKey)).toEqual([
        'topology.kubernetes.io/zone',
        'kubernetes.io/hostname',
      ]);
      for (const { matchLabelKeys } of spread) expect(matchLabelKeys).toContain('app.kubernetes.io/name');
    }
  });

  it('lets nothing in or out but by the ways that are named', () => {
    const policies = ofKind('NetworkPolicy');
    const denying = policies.find(({ metadata }) => metadata.name === 'default-deny').spec;
    expect(denying).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    // A rule without a peer is for what is outside of the cluster, and names its ports.
    for (const { spec } of policies)
      for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
        expect(rule.from ?? rule.to ?? rule.ports).toBeDefined();
    const ingress = policies.flatMap(({ spec }) => spec.ingress ?? []);
    expect(ingress.filter(({ from }) => from === undefined)).toEqual([]);
  });

  it('scales gateways from 2 to 4 and, with KEDA, workers from 4 to 8 by the number of the routers', () => {
    expect(ofKind('HorizontalPodAutoscaler').map(({ spec }) => [spec.minReplicas, spec.maxReplicas])).toEqual([[2, 4]]);
    const scaled = ofKind('ScaledObject').map(({ spec }) => ({
      agent: spec.scaleTargetRef.name,
      bounds: [spec.minReplicaCount, spec.maxReplicaCount, spec.fallback.replicas],
      url: spec.triggers[0].metadata.url,
    }));
    const expected = services
      .filter(({ kind }) => kind === 'agent')
      .map(({ host, name }) => ({
        agent: host,
        bounds: [4, 8, 4],
        url: `http://gateway.pulser.svc.cluster.local:8000/api/v1/scaling/${name}`,
      }));
    if (scaled.length > 0) expect(scaled).toEqual(expect.arrayContaining(expected));
    expect(scaled).toHaveLength(one.name === 'kubernetes/example' ? expected.length : 0);
  });
});
