// What deployed services have in common, whichever way they are deployed: their variables, and how many connections they open.
import { parse, parseAllDocuments } from 'yaml';

/** A component: `{ name, variables, instances }`; each variable is `{ name, isSecret, value }`. */
const variable = (name, isSecret, value) => ({ name, isSecret, value });

const ofCompose = ({ text }) =>
  Object.entries(parse(text, { merge: true }).services).map(([name, service]) => ({
    name,
    isBuilt: service.build !== undefined || /pulser-cli/.test(service.image ?? ''),
    instances: 1,
    variables: Object.entries(service.environment ?? {}).map(([key, value]) =>
      key.endsWith('_FILE') && String(value).startsWith('/run/secrets/')
        ? variable(key.slice(0, -'_FILE'.length), true)
        : variable(key, /\$\{\w*(?:PASSWORD|KEY)/.test(String(value)), String(value)),
    ),
    secrets: service.secrets ?? [],
  }));

// A deployment runs old and new instances side by side.
const instancesOnAppPlatform = ({ autoscaling, instance_count: count = 1 }) =>
  2 * (autoscaling?.max_instance_count ?? count);

const ofAppPlatform = ({ text }) => {
  const spec = parse(text);
  return [...spec.services, ...spec.jobs].map((component) => ({
    name: component.name,
    isBuilt: true,
    instances: instancesOnAppPlatform(component),
    variables: [...(component.envs ?? []), ...spec.envs]
      .filter(({ scope }) => scope !== 'BUILD_TIME')
      .map(({ key, type, value }) =>
        variable(key, type === 'SECRET' || /^\$\{\w+\.DATABASE_URL\}$/.test(value), value),
      ),
  }));
};

export const manifestsOf = ({ text }) => parseAllDocuments(text).map((document) => document.toJS());

const scalerOf = (manifests, name) =>
  manifests
    .filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject')
    .find(({ spec }) => spec.scaleTargetRef.name === name)?.spec;

// One more while a pod is replaced.
const instancesInKubernetes = (manifests, { kind, metadata, spec }) => {
  const scaler = scalerOf(manifests, metadata.name);
  const most = scaler?.maxReplicas ?? scaler?.maxReplicaCount ?? spec.replicas ?? 1;
  return kind === 'Deployment' ? most + spec.strategy.rollingUpdate.maxSurge : most;
};

const settingsOf = (manifests, container) =>
  (container.envFrom ?? []).flatMap(({ configMapRef }) =>
    Object.entries(manifests.find(({ metadata }) => metadata.name === configMapRef.name).data),
  );

const ofKubernetes = (deployment) => {
  const manifests = manifestsOf(deployment);
  return manifests
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map((workload) => {
      const [container] = workload.spec.template.spec.containers;
      const own = container.env.map(({ name, value, valueFrom }) =>
        variable(name, valueFrom?.secretKeyRef !== undefined, value),
      );
      const shared = settingsOf(manifests, container).map(([name, value]) => variable(name, false, value));
      return {
        name: workload.metadata.name,
        isBuilt: true,
        instances: instancesInKubernetes(manifests, workload),
        variables: [...own, ...shared],
      };
    });
};

const readers = { compose: ofCompose, 'app-platform': ofAppPlatform, kubernetes: ofKubernetes };

/** The components of a deployment that run Pulser's own programs. */
export const componentsOf = (deployment) => readers[deployment.format](deployment).filter(({ isBuilt }) => isBuilt);

export const valueOf = ({ variables }, name) => variables.find((one) => one.name === name)?.value;
