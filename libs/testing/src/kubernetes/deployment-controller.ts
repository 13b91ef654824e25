// What the controllers of a cluster do with deployments: revisions, and pods that start or do not.
import { isDeepStrictEqual } from 'node:util';

import type { FakeApi } from './api-server.js';
import type { Fields, ResourceKey, StoredObject } from './store.js';

const root = '/apis/apps/v1';
const revisionKey = 'deployment.kubernetes.io/revision';
const hashLabel = 'pod-template-hash';

interface Template extends Fields {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

const templateOf = ({ spec }: Fields): Template => (spec as { template: Template }).template;
const revisionOf = ({ metadata }: StoredObject): number => Number(metadata.annotations?.[revisionKey] ?? 0);

const withoutHash = (template: Template): Template => {
  const labels = Object.fromEntries(Object.entries(template.metadata.labels).filter(([name]) => name !== hashLabel));
  return { ...template, metadata: { ...template.metadata, labels } };
};

const withHash = (template: Template, hash: string): Template => {
  const labels = { ...template.metadata.labels, [hashLabel]: hash };
  return { ...template, metadata: { ...template.metadata, labels } };
};

/** Looks at the deployments of an API server every few milliseconds. */
export class DeploymentController {
  private readonly timer: NodeJS.Timeout;

  /** @param starts whether pods of an image start; what does not has made no progress within its deadline */
  constructor(
    private readonly api: FakeApi,
    private readonly starts: (image: string) => boolean | 'later',
  ) {
    this.timer = setInterval(() => {
      for (const one of api.store.list({ root, resource: 'deployments', namespace: undefined })) this.reconcile(one);
    }, 20);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private reconcile(deployment: StoredObject): void {
    const revision = this.revise(deployment);
    const { metadata, spec } = deployment;
    const desired = (spec as { replicas?: number }).replicas ?? 1;
    const images = templateOf(deployment).spec.containers.map(({ image }) => this.starts(image));
    const ready = images.every((one) => one === true) ? desired : 0;
    const failed = images.includes(false) && desired > 0;
    const conditions = failed ? [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] : [];
    const counts = { replicas: desired, updatedReplicas: desired, readyReplicas: ready, availableReplicas: ready };
    const status = { observedGeneration: metadata.generation, ...counts, conditions };
    const annotations = { ...metadata.annotations, [revisionKey]: String(revision) };
    if (isDeepStrictEqual(deployment['status'], status) && metadata.annotations?.[revisionKey] === String(revision))
      return;
    const changed = { ...deployment, metadata: { ...metadata, annotations }, status };
    this.api.store.write(this.keyOf('deployments', deployment), changed, deployment, false);
  }

  /** @returns the number of its current revision: a template that it had before gets a new number */
  private revise(deployment: StoredObject): number {
    const sets = this.setsOf(deployment);
    const newest = Math.max(0, ...sets.map(revisionOf));
    const template = templateOf(deployment);
    const same = sets.find((set) => isDeepStrictEqual(withoutHash(templateOf(set)), template));
    if (same !== undefined && revisionOf(same) === newest) return newest;
    this.number(deployment, same, newest + 1);
    return newest + 1;
  }

  private number(deployment: StoredObject, known: StoredObject | undefined, revision: number): void {
    const { name, namespace = '', uid } = deployment.metadata;
    const template = templateOf(deployment);
    this.api.add(root, 'replicasets', {
      ...known,
      metadata: {
        ...(known?.metadata ?? { namespace, name: `${name}-${revision}` }),
        labels: template.metadata.labels,
        annotations: { [revisionKey]: String(revision) },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true }],
      },
      spec: { template: known === undefined ? withHash(template, `h${revision}`) : templateOf(known) },
    });
  }

  private setsOf(deployment: StoredObject): readonly StoredObject[] {
    const { uid } = deployment.metadata;
    return this.api.store
      .list(this.keyOf('replicasets', deployment))
      .filter(({ metadata }) =>
        ((metadata as Fields)['ownerReferences'] as readonly { uid: string }[]).some((owner) => owner.uid === uid),
      );
  }

  private keyOf(resource: string, { metadata }: StoredObject): ResourceKey {
    return { root, resource, namespace: metadata.namespace };
  }
}
