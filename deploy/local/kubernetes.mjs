// The manifests of deploy/kubernetes that follow from the roster and from the rules of deploy/monitoring.
import { deployedServices } from './deployed.mjs';

const written = '# Written by `npm run docs` from libs/roster. What all pods share stands in ../pod.yaml.';

const fromSecret = (name, secret, key) => `            - name: ${name}
              valueFrom:
                secretKeyRef: { name: ${secret}, key: ${key} }
`;

const plain = (name, value) => `            - { name: ${name}, value: '${value}' }
`;

// A quarter of a core for each 2 GB, and half of the memory that it may use.
const resources = ({ memoryMb }) => `          resources:
            requests: { cpu: ${memoryMb > 2048 ? '500m' : '250m'}, memory: ${memoryMb / 2}Mi }
            limits: { memory: ${memoryMb}Mi }
`;

const database = (login) => fromSecret('DATABASE_URL', 'pulser-database', login === 'pulser_app' ? 'app' : 'service');

const environment = (service) =>
  [
    database(service.login),
    service.hasToolLogin ? fromSecret('MCP_ALL_SUPABASE_DB_URL', 'pulser-database', 'mcp') : '',
    fromSecret('AMQP_URL', 'pulser-broker', service.brokerUser),
    service.hasSecretsKey ? fromSecret('SECRETS_KEY', 'pulser-keys', 'secrets-key') : '',
    fromSecret('METRICS_TOKEN', 'pulser-keys', 'metrics-token'),
    plain('DATABASE_POOL_MAX', service.poolMax),
    ...Object.entries(service.asks).map(([name, value]) => plain(name, value)),
  ].join('');

// The gateway's number is that of its autoscaler.
const replicas = ({ name }) => (name === 'gateway' ? '' : '  replicas: 2\n');

const component = ({ kind, name }) => (kind === 'agent' ? 'agent' : name);

const deployment = (service) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${service.host}
  labels: { app.kubernetes.io/name: ${service.name}, app.kubernetes.io/component: ${component(service)} }
spec:
${replicas(service)}  selector:
    matchLabels: { app.kubernetes.io/name: ${service.name} }
  template:
    metadata:
      labels: { app.kubernetes.io/name: ${service.name}, app.kubernetes.io/component: ${component(service)} }
    spec:
      initContainers:
        - name: schema
          env:
${database(service.login)}      containers:
        - name: service
          image: pulser-${service.host}
          env:
${environment(service)}${resources(service)}`;

const address = ({ host, name }) => `apiVersion: v1
kind: Service
metadata:
  name: ${host}
  labels: { app.kubernetes.io/name: ${name} }
spec:
  selector: { app.kubernetes.io/name: ${name} }
  ports:
    - { name: http, port: 8000, targetPort: http }
`;

const budget = ({ host, name }) => `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: ${host}
spec:
  maxUnavailable: 1
  # Pods that are not ready hold up no drain.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: { app.kubernetes.io/name: ${name} }
`;

const manifests = (service) => `${written}\n${[deployment(service), address(service), budget(service)].join('---\n')}`;

const list = (services) => `${written}
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
${services.map(({ host }) => `  - ${host}.yaml\n`).join('')}`;

const scaledObject = ({ host, name }) => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: ${host}
spec:
  scaleTargetRef: { name: ${host} }
  pollingInterval: 15
  minReplicaCount: 4
  maxReplicaCount: 8
  # When the gateway does not answer three times: the number that there is at least.
  fallback: { failureThreshold: 3, replicas: 4 }
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        # Down late and one by one: a worker that goes ends what it runs, or gives it back.
        scaleDown:
          stabilizationWindowSeconds: 300
          policies:
            - { type: Pods, value: 1, periodSeconds: 60 }
  triggers:
    - type: metrics-api
      metadata:
        # KEDA asks from a namespace of its own: the name holds that of Pulser.
        url: http://gateway.pulser.svc.cluster.local:8000/api/v1/scaling/${name}
        valueLocation: desired_workers
        targetValue: '1'
        authMode: bearer
      authenticationRef: { name: pulser-installation-key }
`;

/** The groups of a file of rules, as they stand in it. */
const groupsOf = (rules) => rules.slice(rules.indexOf('groups:\n') + 'groups:\n'.length);

/** @param rules texts of the files of rules: each its comments and its groups */
const prometheusRule = (rules) => `# Written by \`npm run docs\` from deploy/monitoring/*.rules.yml.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: pulser
spec:
  groups:
${rules
  .map(groupsOf)
  .join('')
  .replaceAll(/^(?=.)/gm, '  ')}`;

const images = (
  services,
) => `# Which release runs: the one file to change for an upgrade. \`npm run docs\` keeps the list.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
${['cli', ...services.map(({ host }) => host)]
  .map((name) => `  - { name: pulser-${name}, newName: REGISTRY/pulser-${name}, newTag: VERSION }\n`)
  .join('')}`;

const registryAndVersion = /newName: (\S+)\/pulser-cli, newTag: (\S+) \}/;

/** The list of images with the registry and the version that the file had. */
const imagesLike = (before, services) => {
  const [, registry, version] = registryAndVersion.exec(before);
  return images(services).replaceAll('REGISTRY', registry).replaceAll('VERSION', version);
};

/**
 * The files that are written, by their path below deploy/kubernetes.
 * @param imagesBefore the list of images as it is: registry and version are the operator's
 * @param rules texts of the files of rules
 */
export function kubernetesFiles(roster, { imagesBefore, rules }) {
  const services = deployedServices(roster);
  const agents = services.filter(({ kind }) => kind === 'agent');
  return {
    ...Object.fromEntries(services.map((service) => [`base/services/${service.host}.yaml`, manifests(service)])),
    'base/services/kustomization.yaml': list(services),
    'components/keda/workers.yaml': `# Written by \`npm run docs\` from libs/roster.\n${agents.map(scaledObject).join('---\n')}`,
    'components/monitoring/rules.yaml': prometheusRule(rules),
    'images/kustomization.yaml': imagesLike(imagesBefore, services),
  };
}
