// What a deployment would change, and the calls that make it and that undo it: as the cluster says in a trial.
import {
  type ClusterTools,
  type DeploymentFacts,
  type Place,
  type PlannedCall,
  stopCall,
  type TriedObject,
  undoCall,
} from './cluster-tools.js';

/** A deployment that changes: how it was, and what brings that back. */
export interface ChangedDeployment {
  readonly place: Place;
  /** Missing: it is new. */
  readonly was?: DeploymentFacts;
  /** Missing: nothing does. */
  readonly back?: PlannedCall;
}

export interface DeployPlan {
  readonly apply: PlannedCall;
  readonly objects: readonly TriedObject[];
  readonly deployments: readonly ChangedDeployment[];
}

const isDeployment = ({ kind, api_version: version }: TriedObject): boolean =>
  kind === 'Deployment' && version.startsWith('apps/');

export const labelOf = ({ namespace, name }: Place): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/**
 * What brings a deployment back: the template that it had, whole. One that is new is stopped, for no tool deletes it.
 * One that never had a revision has no template to go back to.
 */
const wayBack = (place: Place, was: DeploymentFacts | undefined): PlannedCall | undefined => {
  if (was === undefined) return stopCall(place);
  return was.revision === undefined ? undefined : undoCall(place, was.revision);
};

const changedDeployment = async (
  tools: ClusterTools,
  { namespace, name, change }: TriedObject,
): Promise<ChangedDeployment> => {
  const place = { ...(namespace !== undefined && { namespace }), name };
  const was = change === 'create' ? undefined : await tools.deployment(place);
  const back = wayBack(place, was);
  return { place, ...(was !== undefined && { was }), ...(back !== undefined && { back }) };
};

/** @param key names the trial within the task */
export const planOf = async (tools: ClusterTools, key: string, apply: PlannedCall): Promise<DeployPlan> => {
  const objects = await tools.trial(key, apply);
  const changed = objects.filter((object) => isDeployment(object) && object.change !== 'unchanged');
  const deployments: ChangedDeployment[] = [];
  for (const object of changed) deployments.push(await changedDeployment(tools, object));
  return { apply, objects, deployments };
};

/** Whether two plans do the same to the same. Warnings do not matter, nor how many pods there are just now. */
export const isSamePlan = (one: DeployPlan, other: DeployPlan): boolean => {
  const facts = ({ objects, deployments }: DeployPlan): unknown => [
    objects.map(({ api_version: version, kind, namespace, name, change, diff }) => [
      version,
      kind,
      namespace,
      name,
      change,
      diff,
    ]),
    deployments.map(({ was }) => [was?.revision, was?.images]),
  ];
  return JSON.stringify(facts(one)) === JSON.stringify(facts(other));
};

const resourceOf = ({ kind, name }: TriedObject): string => `${kind}/${name}`;

export const changesOf = ({ objects }: DeployPlan) =>
  objects.map((object) => ({
    resource: resourceOf(object),
    ...(object.namespace !== undefined && { namespace: object.namespace }),
    change: object.change,
  }));

const withPods = new Set(['StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicaSet', 'Pod']);

/** What has pods whose start no tool reports. */
export const notWatched = ({ objects }: DeployPlan): string[] =>
  objects.filter(({ kind, change }) => change !== 'unchanged' && withPods.has(kind)).map(resourceOf);

const countOf = ({ objects }: DeployPlan, change: TriedObject['change']): number =>
  objects.filter((object) => object.change === change).length;

/** In one line. */
export const summaryOf = (plan: DeployPlan): string =>
  `${countOf(plan, 'create')} created, ${countOf(plan, 'change')} changed, ${countOf(plan, 'unchanged')} unchanged`;

/** Characters of the difference of one resource, and of all: what persons are asked for is bounded. */
const maxDiff = 1_500;
const maxDiffs = 12_000;

/** What persons see beside the calls: what changes of each resource. Values of secrets are masked by the tool. */
export const shownChanges = ({ objects }: DeployPlan): readonly Readonly<Record<string, unknown>>[] => {
  const changed = objects.filter(({ change }) => change !== 'unchanged');
  const each = Math.min(maxDiff, Math.floor(maxDiffs / Math.max(1, changed.length)));
  return changed.map((object) => ({
    resource: resourceOf(object),
    namespace: object.namespace ?? null,
    change: object.change,
    ...(object.change === 'change' && { diff: object.diff.slice(0, each) }),
  }));
};
