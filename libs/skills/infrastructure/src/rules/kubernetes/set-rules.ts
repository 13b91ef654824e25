// What resources say about each other. A set without any workload is not held to have all of them.
import type { Part } from '../../documents/part.js';
import { type Hit, repeated, type Rule, wrong } from '../finding.js';
import { containersOf, find, ofKind, type Resource, type ResourceSet, selects, type Workload } from './resources.js';

const scalable = ['Deployment', 'StatefulSet', 'ReplicaSet'] as const;

const inNamespace = ({ workloads }: ResourceSet, { namespace }: Resource): Workload[] =>
  workloads.filter(({ resource }) => resource.namespace === namespace);

const selectedBy = (set: ResourceSet, service: Resource): Workload[] => {
  const selector = service.part.at('spec', 'selector');
  if (selector.members().length === 0) return [];
  return inNamespace(set, service).filter(({ labels }) => selects(selector, labels, true));
};

const serviceTargets = (set: ResourceSet): Hit[] =>
  ofKind(set, 'Service').flatMap((service) => {
    const [first] = service.part.members('spec', 'selector');
    if (first === undefined || set.workloads.length === 0 || selectedBy(set, service).length > 0) return [];
    return [wrong(first[1], `The Service ${service.name} selects no pods of these manifests`)];
  });

const servicePorts = (set: ResourceSet): Hit[] =>
  ofKind(set, 'Service').flatMap((service) => {
    const targets = selectedBy(set, service);
    if (targets.length === 0) return [];
    return service.part.items('spec', 'ports').flatMap((port) => {
      const target = port.at('targetPort').exists ? port.at('targetPort') : port.at('port');
      if (targets.some((workload) => listens(workload, target))) return [];
      return [wrong(target, `No pod that ${service.name} selects has a port ${target.word ?? ''}`)];
    });
  });

const listens = (workload: Workload, { text, number }: Part): boolean =>
  containersOf(workload)
    .flatMap(({ part }) => part.items('ports'))
    .some((port) => (text === undefined ? port.at('containerPort').is(number) : port.at('name').is(text)));

const backendsOf = ({ part }: Resource): Part[] => [
  part.at('spec', 'defaultBackend', 'service'),
  ...part
    .items('spec', 'rules')
    .flatMap((rule) => rule.items('http', 'paths').map((path) => path.at('backend', 'service'))),
];

const ingressServices = (set: ResourceSet): Hit[] => {
  if (ofKind(set, 'Service').length === 0) return [];
  return ofKind(set, 'Ingress').flatMap((ingress) =>
    backendsOf(ingress)
      .filter(({ exists }) => exists)
      .flatMap((backend) => backendProblem(set, ingress, backend)),
  );
};

const backendProblem = (set: ResourceSet, ingress: Resource, backend: Part): Hit[] => {
  const service = find(set, ingress, ['Service'], backend.at('name').text ?? '');
  if (service === undefined) return [wrong(backend.at('name'), 'There is no such Service in these manifests')];
  const port = backend.at('port');
  const isThere = service.part
    .items('spec', 'ports')
    .some((one) => port.at('name').is(one.at('name').value) || port.at('number').is(one.at('port').value));
  return isThere || !port.exists ? [] : [wrong(port, `The Service ${service.name} has no such port`)];
};

const targetOf = (set: ResourceSet, hpa: Resource): Resource | undefined => {
  const target = hpa.part.at('spec', 'scaleTargetRef');
  return find(set, hpa, [target.at('kind').text ?? ''], target.at('name').text ?? '');
};

const hpaTargets = (set: ResourceSet): Hit[] => {
  if (set.workloads.length === 0) return [];
  return ofKind(set, 'HorizontalPodAutoscaler').flatMap((hpa) => {
    const target = hpa.part.at('spec', 'scaleTargetRef');
    // What scales may be of a kind that is not looked at.
    const isKnown = scalable.some((kind) => target.at('kind').is(kind));
    if (!isKnown || targetOf(set, hpa) !== undefined) return [];
    return [wrong(target.at('name'), `There is no ${target.at('kind').text ?? ''} of that name in these manifests`)];
  });
};

const hpaReplicas = (set: ResourceSet): Hit[] =>
  ofKind(set, 'HorizontalPodAutoscaler').flatMap((hpa) => {
    const replicas = targetOf(set, hpa)?.part.at('spec', 'replicas');
    if (replicas?.exists !== true) return [];
    return [wrong(replicas, `The autoscaler ${hpa.name} sets them too: each apply undoes what it did`)];
  });

/** Pods that there are at least; 0 when the manifest says no number. */
const replicasOf = (set: ResourceSet, { resource }: Workload): number => {
  const hpa = ofKind(set, 'HorizontalPodAutoscaler').find((one) => targetOf(set, one) === resource);
  const replicas = hpa?.part.at('spec', 'minReplicas') ?? resource.part.at('spec', 'replicas');
  return replicas.number ?? (replicas.exists ? 0 : 1);
};

const protectedBy = (set: ResourceSet, pdb: Resource): Workload[] =>
  inNamespace(set, pdb).filter(
    ({ labels, isLongRunning }) => isLongRunning && selects(pdb.part.at('spec', 'selector'), labels),
  );

/** Kinds of operators, whose pods no manifest shows. */
const isCustom = ({ apiVersion }: Resource): boolean => /\.(?!k8s\.io\/)[^./]+\//.test(apiVersion);

/** Whether the selector names a resource of an operator, as the labels of its pods do. */
const mayBeOfOperator = ({ resources }: ResourceSet, selector: Part): boolean => {
  const values = selector.members('matchLabels').map(([, { text }]) => text);
  return resources.some((resource) => isCustom(resource) && values.includes(resource.name));
};

const pdbTargets = (set: ResourceSet): Hit[] => {
  if (set.workloads.length === 0) return [];
  return ofKind(set, 'PodDisruptionBudget')
    .filter((pdb) => protectedBy(set, pdb).length === 0)
    .filter((pdb) => !mayBeOfOperator(set, pdb.part.at('spec', 'selector')))
    .map((pdb) => wrong(pdb.part.at('spec', 'selector', 'matchLabels'), 'It selects no pods of these manifests'));
};

/** A number, or a part of the replicas, rounded up as the API does. */
const amountOf = ({ number, text }: Part, replicas: number): number | undefined => {
  if (number !== undefined) return number;
  return text !== undefined && /^\d{1,3}%$/.test(text)
    ? Math.ceil((Number.parseInt(text, 10) * replicas) / 100)
    : undefined;
};

const pdbBounds = (set: ResourceSet): Hit[] =>
  ofKind(set, 'PodDisruptionBudget').flatMap((pdb) => {
    const [least, most] = [pdb.part.at('spec', 'minAvailable'), pdb.part.at('spec', 'maxUnavailable')];
    if (/^0%?$/.test(most.word ?? '')) return [wrong(most, 'No pod may be evicted: no node can be drained')];
    const replicas = protectedBy(set, pdb).reduce((sum, workload) => sum + replicasOf(set, workload), 0);
    const needed = amountOf(least, replicas);
    if (needed === undefined || replicas === 0 || needed < replicas) return [];
    return [wrong(least, `All ${replicas} pods must be there: no node can be drained`)];
  });

const missingPdbs = (set: ResourceSet): Hit[] =>
  set.workloads
    .filter((workload) => scalable.some((kind) => kind === workload.resource.kind) && replicasOf(set, workload) > 1)
    .filter((workload) => !ofKind(set, 'PodDisruptionBudget').some((pdb) => protectedBy(set, pdb).includes(workload)))
    .map(({ resource }) => {
      const replicas = resource.part.at('spec', 'replicas');
      return wrong(
        replicas.exists ? replicas : resource.part.at('metadata', 'name'),
        `${resource.name} has several pods, which may all be evicted at once`,
      );
    });

const isSelected = (policy: Resource, { resource, labels }: Workload): boolean => {
  const types = policy.part.texts('spec', 'policyTypes');
  return (
    policy.namespace === resource.namespace &&
    (types.length === 0 || types.includes('Ingress')) &&
    selects(policy.part.at('spec', 'podSelector'), labels)
  );
};

/** In a set that has policies: pods that none of them selects. */
const openPods = (set: ResourceSet): Hit[] => {
  const policies = ofKind(set, 'NetworkPolicy');
  if (policies.length === 0) return [];
  return set.workloads
    .filter((workload) => !policies.some((policy) => isSelected(policy, workload)))
    .map(({ resource }) => wrong(resource.part.at('kind'), `Every pod may reach those of ${resource.name}`));
};

const identity = ({ apiVersion, kind, namespace, name }: Resource): string | undefined =>
  name === '' ? undefined : JSON.stringify([apiVersion.split('/').slice(0, -1), kind, namespace, name]);

const statefulServices = (set: ResourceSet): Hit[] =>
  ofKind(set, 'StatefulSet').flatMap((resource) => {
    const service = resource.part.at('spec', 'serviceName');
    if (service.text === undefined || ofKind(set, 'Service').length === 0) return [];
    if (find(set, resource, ['Service'], service.text) !== undefined) return [];
    return [wrong(service, `There is no Service "${service.text}" in these manifests`)];
  });

/** Rules of all resources together. */
export const setRules: readonly Rule<ResourceSet>[] = [
  {
    id: 'k8s-service-target',
    severity: 'error',
    reason: 'Its requests are refused: there is nobody behind it.',
    fix: 'Make spec.selector equal labels of the pods.',
    check: serviceTargets,
  },
  {
    id: 'k8s-service-port',
    severity: 'error',
    reason: 'Connections to it fail.',
    fix: 'Use the name or number of a port of the container.',
    check: servicePorts,
  },
  {
    id: 'k8s-ingress-service',
    severity: 'error',
    reason: 'The ingress answers 503.',
    fix: 'Name a Service and one of its ports.',
    check: ingressServices,
  },
  {
    id: 'k8s-hpa-target',
    severity: 'error',
    reason: 'It scales nothing.',
    fix: 'Name the workload in scaleTargetRef.',
    check: hpaTargets,
  },
  {
    id: 'k8s-hpa-replicas',
    severity: 'warning',
    reason: 'Each apply sets the number back, in the middle of the load that the autoscaler answered.',
    fix: 'Remove spec.replicas of the workload.',
    check: hpaReplicas,
  },
  {
    id: 'k8s-pdb-bounds',
    severity: 'error',
    reason: 'Nodes can not be drained: upgrades of the cluster hang.',
    fix: 'Use maxUnavailable: 1.',
    check: pdbBounds,
  },
  {
    id: 'k8s-pdb-target',
    severity: 'error',
    reason: 'It protects nothing.',
    fix: 'Select the labels of the pods.',
    check: pdbTargets,
  },
  {
    id: 'k8s-pdb-missing',
    severity: 'warning',
    reason: 'The drain of a node may take all pods at once.',
    fix: 'Add a PodDisruptionBudget with maxUnavailable: 1.',
    check: missingPdbs,
  },
  {
    id: 'k8s-network-policy',
    severity: 'warning',
    reason: 'What no policy selects is reached from every pod of the cluster.',
    fix: 'Add a NetworkPolicy with podSelector: {} that allows nothing, and others for what is needed.',
    check: openPods,
  },
  {
    id: 'k8s-duplicate-name',
    severity: 'error',
    reason: 'The later one replaces the earlier one.',
    fix: 'Rename one, or remove it.',
    check: ({ resources }) =>
      repeated(resources, identity).map(({ part, kind, name }) =>
        wrong(part.at('metadata', 'name'), `${kind} ${name} is there twice`),
      ),
  },
  {
    id: 'k8s-stateful-service',
    severity: 'error',
    reason: 'Its pods get no names in the DNS.',
    fix: 'Add a headless Service of that name.',
    check: statefulServices,
  },
];
