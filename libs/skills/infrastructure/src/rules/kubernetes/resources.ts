// The resources of a set of manifests, their pods and containers, as rules look at them.
import type { YamlDocument } from '../../documents/yaml-document.js';
import { Part } from '../../documents/part.js';

export interface Resource {
  readonly part: Part;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** `default` without one; two resources without refer to each other. */
  readonly namespace: string;
}

/** What makes pods of one template. */
export interface Workload {
  readonly resource: Resource;
  /** Spec of the pods. */
  readonly pod: Part;
  /** Labels of the pods. */
  readonly labels: Part;
  /** Pods that are to run until they are stopped. */
  readonly isLongRunning: boolean;
}

export interface Container {
  readonly part: Part;
  readonly workload: Workload;
  readonly name: string;
  /** One that ends before the others start. */
  readonly isInit: boolean;
}

/** Everything that is looked at together. */
export interface ResourceSet {
  readonly resources: readonly Resource[];
  readonly workloads: readonly Workload[];
}

/** Where each kind keeps its pods. */
const templates: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Pod: [],
};

const endsByItself = new Set(['Job', 'CronJob', 'Pod']);

const resourceOf = (part: Part): Resource => ({
  part,
  apiVersion: part.at('apiVersion').text ?? '',
  kind: part.at('kind').text ?? '',
  name: part.at('metadata', 'name').text ?? '',
  namespace: part.at('metadata', 'namespace').text ?? 'default',
});

/** A `List` is its items. */
export const resourcesOf = (documents: readonly YamlDocument[]): Resource[] =>
  documents.flatMap((document) => {
    const whole = new Part(document);
    const isList = whole.at('apiVersion').is('v1') && whole.at('kind').is('List');
    return (isList ? whole.items('items') : [whole]).map(resourceOf);
  });

const workloadOf = (resource: Resource): Workload[] => {
  const keys = Object.hasOwn(templates, resource.kind) ? templates[resource.kind] : undefined;
  if (keys === undefined) return [];
  const template = resource.part.at(...keys);
  return [
    {
      resource,
      pod: template.at('spec'),
      labels: template.at('metadata', 'labels'),
      isLongRunning: !endsByItself.has(resource.kind),
    },
  ];
};

export const resourceSetOf = (resources: readonly Resource[]): ResourceSet => ({
  resources,
  workloads: resources.flatMap(workloadOf),
});

export const containersOf = (workload: Workload): Container[] => {
  const container = (part: Part, isInit: boolean): Container => ({
    part,
    workload,
    name: part.at('name').text ?? '',
    isInit,
  });
  return [
    // One that is started again for ever is a sidecar.
    ...workload.pod.items('initContainers').map((part) => container(part, !part.at('restartPolicy').is('Always'))),
    ...workload.pod.items('containers').map((part) => container(part, false)),
  ];
};

export const ofKind = ({ resources }: ResourceSet, ...kinds: readonly string[]): Resource[] =>
  resources.filter(({ kind }) => kinds.includes(kind));

/** Whether a set of labels satisfies the selector (`matchLabels` and `matchExpressions`, or plain labels of a Service). */
export const selects = (selector: Part, labels: Part, isPlain = false): boolean =>
  selector.members(...(isPlain ? [] : ['matchLabels'])).every(([key, { value }]) => labels.at(key).is(value)) &&
  (isPlain || selector.items('matchExpressions').every((expression) => holds(expression, labels)));

const holds = (expression: Part, labels: Part): boolean => {
  const { text } = labels.at(expression.at('key').text ?? '');
  const isListed = text !== undefined && expression.texts('values').includes(text);
  const operators = new Map([
    ['In', isListed],
    ['NotIn', !isListed],
    ['Exists', text !== undefined],
    ['DoesNotExist', text === undefined],
  ]);
  return operators.get(expression.at('operator').text ?? '') ?? true;
};

/** The named ones in the same namespace. */
export const find = (set: ResourceSet, like: Resource, kinds: readonly string[], name: string): Resource | undefined =>
  set.resources.find((one) => kinds.includes(one.kind) && one.name === name && one.namespace === like.namespace);
