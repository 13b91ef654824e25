// What a change of a Kubernetes resource does: fields that the API does not let change, and what replaces pods.
import type { Part } from '../documents/part.js';
import type { Path } from '../documents/yaml-document.js';
import { quantityOf } from '../rules/kubernetes/quantity.policy.js';
import { type Consequence, consequence, type PlannedChange, touches } from './planned-change.js';

interface Immutable {
  /** Fields under this path may not change, */
  readonly path: readonly string[];
  /** but for these under it. */
  readonly except?: readonly string[];
  /** What the resource holds is lost when it is deleted and made anew. */
  readonly holdsData?: boolean;
}

const selector: Immutable = { path: ['spec', 'selector'] };

/** From the validation code of the API server (pkg/apis/.../validation). */
const immutable: Readonly<Record<string, readonly Immutable[]>> = {
  Deployment: [selector],
  ReplicaSet: [selector],
  DaemonSet: [selector],
  StatefulSet: [
    {
      path: ['spec'],
      except: [
        'replicas',
        'ordinals',
        'template',
        'updateStrategy',
        'revisionHistoryLimit',
        'persistentVolumeClaimRetentionPolicy',
        'minReadySeconds',
      ],
    },
  ],
  Job: [
    { path: ['spec', 'template'] },
    { path: ['spec', 'completions'] },
    { path: ['spec', 'completionMode'] },
    { path: ['spec', 'podFailurePolicy'] },
    { path: ['spec', 'backoffLimitPerIndex'] },
    { path: ['spec', 'managedBy'] },
    selector,
  ],
  PersistentVolumeClaim: [{ path: ['spec'], except: ['resources', 'volumeAttributesClassName'], holdsData: true }],
  Service: [{ path: ['spec', 'clusterIP'] }, { path: ['spec', 'clusterIPs'] }],
  RoleBinding: [{ path: ['roleRef'] }],
  ClusterRoleBinding: [{ path: ['roleRef'] }],
  StorageClass: [
    { path: ['provisioner'] },
    { path: ['parameters'] },
    { path: ['reclaimPolicy'] },
    { path: ['volumeBindingMode'] },
  ],
  PriorityClass: [{ path: ['value'] }],
  IngressClass: [{ path: ['spec', 'controller'] }],
  Secret: [{ path: ['type'] }],
};

const withPods = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

const kindOf = ({ before, after }: PlannedChange): string => (after ?? before)?.at('kind').text ?? '';

const frozen = ({ path, except = [] }: Immutable, paths: readonly Path[]): boolean =>
  touches(paths, ...path) &&
  paths.some((one) => touches([one], ...path) && !except.includes(String(one[path.length] ?? '')));

const deletions: Readonly<Record<string, Consequence>> = {
  Namespace: consequence('deleted', 'Everything in the namespace is deleted with it, its volumes included', true),
  PersistentVolumeClaim: consequence('deleted', 'With the reclaim policy Delete its volume goes with it', true),
  PersistentVolume: consequence('deleted', 'With the reclaim policy Delete its data goes with it', true),
  CustomResourceDefinition: consequence('deleted', 'All resources of its kind are deleted with it', true),
  Secret: consequence('deleted', 'Its values are gone if they are kept nowhere else', true),
};

const removal = (change: PlannedChange): Consequence => {
  const kind = kindOf(change);
  if (kind === 'StatefulSet') return statefulRemoval(change.before);
  if (Object.hasOwn(deletions, kind)) return deletions[kind] as Consequence;
  return consequence('deleted', withPods.has(kind) ? 'Its pods are stopped' : 'Nothing else is deleted with it');
};

const statefulRemoval = (before: Part | undefined): Consequence => {
  const policy = before?.at('spec', 'persistentVolumeClaimRetentionPolicy', 'whenDeleted');
  return policy?.is('Delete') === true
    ? consequence('deleted', 'Its claims are deleted with it (whenDeleted: Delete)', true)
    : consequence('deleted', 'Its pods are stopped; the claims of its volumes stay');
};

const claimSize = (part: Part | undefined): number | undefined =>
  quantityOf(part?.at('spec', 'resources', 'requests', 'storage').word ?? '');

// Of a pod alone, images may change, and three fields in one direction.
const podField =
  /^spec\/(?:(?:initC|c)ontainers\/\d+\/image|activeDeadlineSeconds|terminationGracePeriodSeconds|tolerations.*)$/;

const isFrozenPod = (kind: string, paths: readonly Path[]): boolean =>
  kind === 'Pod' && paths.some((path) => path[0] === 'spec' && !podField.test(path.join('/')));

const recreation = (kind: string, change: PlannedChange): Consequence | undefined => {
  const rules = Object.hasOwn(immutable, kind) ? (immutable[kind] ?? []) : [];
  const broken = rules.filter((rule) => frozen(rule, change.paths));
  if (change.before?.at('immutable').is(true) === true)
    return consequence('recreated', 'It is immutable: the API refuses the change');
  if (isFrozenPod(kind, change.paths))
    return consequence('recreated', 'The API lets only the images of a pod change: it must be deleted and made anew');
  if (broken.length === 0) return undefined;
  const fields = broken.map(({ path }) => path.join('.')).join(', ');
  const holdsData = broken.some((rule) => rule.holdsData === true) || kind === 'StatefulSet';
  return {
    effect: 'recreated',
    mayLoseData: holdsData,
    reasons: [
      `The API refuses to change ${fields}: the ${kind} must be deleted and made anew`,
      ...(kind === 'StatefulSet' ? ['Its claims stay, but are used again only under the same names'] : []),
      ...(kind === 'Job' ? ['It runs again'] : []),
    ],
  };
};

const claimChange = (change: PlannedChange): Consequence => {
  const [from, to] = [claimSize(change.before), claimSize(change.after)];
  if (from !== undefined && to !== undefined && to < from)
    return consequence('recreated', 'The API refuses to shrink a claim: its data must be moved to a smaller one', true);
  return consequence('updated', 'The volume grows if its storage class allows it');
};

const podChange = (kind: string, { paths, before, after }: PlannedChange): Consequence => {
  const strategy = after?.at('spec', 'strategy', 'type');
  const isReplaced = touches(paths, 'spec', 'template');
  if (isReplaced && after?.at('spec', 'updateStrategy', 'type').is('OnDelete') === true)
    return consequence('updated', 'Its pods are replaced only when they are deleted by hand (OnDelete)');
  if (isReplaced)
    return consequence(
      'restarted',
      strategy?.is('Recreate') === true
        ? 'All its pods are stopped, then new ones start: nothing answers in between'
        : 'Its pods are replaced one after the other',
    );
  const [from, to] = [before?.at('spec', 'replicas').number ?? 1, after?.at('spec', 'replicas').number ?? 1];
  if (to >= from || kind === 'DaemonSet') return consequence('updated', 'Pods that run go on');
  return consequence(
    'updated',
    `${from - to} of its pods are stopped`,
    kind === 'StatefulSet' && deletesWhenScaled(after),
  );
};

const deletesWhenScaled = (after: Part | undefined): boolean =>
  after?.at('spec', 'persistentVolumeClaimRetentionPolicy', 'whenScaled').is('Delete') === true;

const inPlace: Readonly<Record<string, Consequence>> = {
  ConfigMap: consequence(
    'updated',
    'Files that are mounted from it follow within minutes; variables only when pods restart',
  ),
  Secret: consequence(
    'updated',
    'Files that are mounted from it follow within minutes; variables only when pods restart',
  ),
  Service: consequence('updated', 'Connections that are open may break'),
  CronJob: consequence('updated', 'It counts from the next run on'),
};

const ownGroups = /^(?:v1|(?:apps|autoscaling|batch|extensions|policy)\/.*|[^/]*\.k8s\.io\/.*)$/;

/** A kind that a CustomResourceDefinition made. */
const isCustom = ({ before, after }: PlannedChange): boolean =>
  !ownGroups.test((after ?? before)?.at('apiVersion').text ?? '');

const unknown = (change: PlannedChange): Consequence =>
  consequence(change.after === undefined ? 'deleted' : 'updated', 'What its controller does is not known', true);

/** What happens to the resource. */
export const kubernetesConsequence = (change: PlannedChange): Consequence => {
  const kind = kindOf(change);
  if (change.before === undefined) return consequence('created', 'It is new');
  if (isCustom(change)) return unknown(change);
  if (change.after === undefined) return removal(change);
  if (!touches(change.paths, 'spec') && change.paths.every(([first]) => first === 'metadata' || first === 'apiVersion'))
    return consequence('none', 'Only its labels, annotations or the version of its API change');
  const refused = recreation(kind, change);
  if (refused !== undefined) return refused;
  if (kind === 'PersistentVolumeClaim') return claimChange(change);
  if (withPods.has(kind)) return podChange(kind, change);
  if (Object.hasOwn(inPlace, kind)) return inPlace[kind] as Consequence;
  return consequence('updated', 'It is changed in place');
};
