import { deployment, deployments, kustomize, validate } from './deployments.mjs';
import { faulty, planted } from './planted.mjs';

/** Servers of the development file start as root and write where they like; both are reached from this machine alone. */
const known = {
  'docker-compose.yml': ['compose-read-only-root postgres', 'compose-read-only-root rabbitmq'],
};

/** Kinds of operators: arkie has no schemas of them. */
const customKinds = [
  'barmancloud.cnpg.io/v1/ObjectStore',
  'cert-manager.io/v1/Certificate',
  'cert-manager.io/v1/Issuer',
  'external-secrets.io/v1/ExternalSecret',
  'keda.sh/v1alpha1/ScaledObject',
  'keda.sh/v1alpha1/TriggerAuthentication',
  'monitoring.coreos.com/v1/PodMonitor',
  'monitoring.coreos.com/v1/PrometheusRule',
  'postgresql.cnpg.io/v1/Cluster',
  'postgresql.cnpg.io/v1/ScheduledBackup',
  'rabbitmq.com/v1beta1/RabbitmqCluster',
];

describe('arkie', () => {
  it.each(deployments)('finds nothing in $name', async ({ name, format, text }) => {
    const { findings, checked } = await validate(format, text);
    expect(findings.map(({ rule, resource }) => `${rule} ${resource}`)).toEqual(known[name] ?? []);
    expect(checked).toBeGreaterThan(10);
  });

  it.each(deployments)('knows all kinds of $name but those of operators', async ({ name, format, text }) => {
    const { not_checked: notChecked } = await validate(format, text);
    const kinds = new Set(notChecked.map(({ what }) => what.split(' ')[0]));
    expect([...kinds].toSorted()).toEqual(name === 'kubernetes/example' ? customKinds : []);
  });

  it('finds each planted fault', async () => {
    const there = planted.filter((fault) => deployment(fault.in) !== undefined);
    const missed = [];
    for (const fault of there) {
      const { format, text } = deployment(fault.in);
      const { findings } = await validate(format, faulty(text, fault));
      if (!findings.some(({ rule }) => rule === fault.rule)) missed.push(`${fault.rule} in ${fault.in}`);
    }
    process.stdout.write(`planted faults of deployments found: ${there.length - missed.length} of ${there.length}\n`);
    expect(missed).toEqual([]);
  });
});

(kustomize.reason === undefined ? describe : describe.skip)(`kustomize (${kustomize.reason ?? 'found'})`, () => {
  it('renders every overlay', () => {
    expect(deployments.filter(({ format }) => format === 'kubernetes').length).toBeGreaterThanOrEqual(2);
  });
});
