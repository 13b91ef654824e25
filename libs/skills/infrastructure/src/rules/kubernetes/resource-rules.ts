// What a single resource must not say, whatever else there is.
import { type Hit, missingIn, type Rule, wrong } from '../finding.js';
import { cronProblem } from '../cron.policy.js';
import { plainSecret } from '../plain-secret.policy.js';
import type { Resource } from './resources.js';

/** Versions that no supported cluster serves, with the release that dropped them and what to use. */
const removedApis: Readonly<Record<string, readonly [release: string, use: string]>> = {
  'extensions/v1beta1': ['1.22', 'apps/v1 or networking.k8s.io/v1'],
  'apps/v1beta1': ['1.16', 'apps/v1'],
  'apps/v1beta2': ['1.16', 'apps/v1'],
  'networking.k8s.io/v1beta1': ['1.22', 'networking.k8s.io/v1'],
  'batch/v1beta1': ['1.25', 'batch/v1'],
  'batch/v2alpha1': ['1.21', 'batch/v1'],
  'policy/v1beta1': ['1.25', 'policy/v1'],
  'autoscaling/v2beta1': ['1.25', 'autoscaling/v2'],
  'autoscaling/v2beta2': ['1.26', 'autoscaling/v2'],
  'rbac.authorization.k8s.io/v1beta1': ['1.22', 'rbac.authorization.k8s.io/v1'],
  'rbac.authorization.k8s.io/v1alpha1': ['1.22', 'rbac.authorization.k8s.io/v1'],
  'apiextensions.k8s.io/v1beta1': ['1.22', 'apiextensions.k8s.io/v1'],
  'admissionregistration.k8s.io/v1beta1': ['1.22', 'admissionregistration.k8s.io/v1'],
  'certificates.k8s.io/v1beta1': ['1.22', 'certificates.k8s.io/v1'],
  'scheduling.k8s.io/v1beta1': ['1.22', 'scheduling.k8s.io/v1'],
  'storage.k8s.io/v1beta1': ['1.27', 'storage.k8s.io/v1'],
};

// DNS labels and subdomains; names of RBAC may be any segment of a path.
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;

const nameProblem = ({ part, kind, name }: Resource): Hit[] => {
  const field = part.at('metadata', 'name');
  const isLabel = kind === 'Service' || kind === 'Namespace';
  if (field.text === undefined || /^(?:Cluster)?Role(?:Binding)?$/.test(kind)) return [];
  if (name.length <= (isLabel ? 63 : 253) && (isLabel ? label : subdomain).test(name)) return [];
  return [wrong(field, `"${name.slice(0, 80)}" is no name: small letters, digits and -`)];
};

const rbacWildcards = ({ part, kind }: Resource): Hit[] => {
  if (kind === 'ClusterRoleBinding' || kind === 'RoleBinding') {
    const role = part.at('roleRef', 'name');
    return role.is('cluster-admin') ? [wrong(role, 'It gives all rights of the cluster')] : [];
  }
  if (kind !== 'Role' && kind !== 'ClusterRole') return [];
  return part
    .items('rules')
    .flatMap((rule) =>
      ['verbs', 'resources', 'apiGroups']
        .filter((name) => rule.texts(name).includes('*'))
        .map((name) => wrong(rule.at(name), `All ${name}, also those that come later`)),
    );
};

const secretsOf = ({ part, kind }: Resource): Hit[] => {
  if (kind === 'ConfigMap')
    return part.members('data').flatMap(([name, value]) => {
      const problem = plainSecret(name, value.text ?? '');
      return problem === undefined ? [] : [wrong(value, problem)];
    });
  if (kind !== 'Secret') return [];
  return [...part.members('data'), ...part.members('stringData')]
    .filter(([, value]) => (value.text ?? '') !== '')
    .map(([name, value]) => wrong(value, `The value of ${name} stands in the manifest; base64 hides nothing`));
};

const hpaBounds = ({ part, kind }: Resource): Hit[] => {
  if (kind !== 'HorizontalPodAutoscaler') return [];
  const [min, max] = [part.at('spec', 'minReplicas'), part.at('spec', 'maxReplicas')];
  if (max.number === undefined) return [];
  if (max.number < 1) return [wrong(max, `maxReplicas is ${max.number}`)];
  if ((min.number ?? 1) <= max.number) return [];
  return [wrong(min, `It must have ${min.number ?? 1} replicas at least and ${max.number} at most`)];
};

const cronJob = (resource: Resource, check: (resource: Resource) => Hit[]): Hit[] =>
  resource.kind === 'CronJob' ? check(resource) : [];

/** Rules of each resource. */
export const resourceRules: readonly Rule<Resource>[] = [
  {
    id: 'k8s-removed-api',
    severity: 'error',
    reason: 'Supported clusters do not serve this version: the manifest is refused.',
    fix: 'Use the version that is named.',
    check: ({ part, apiVersion }) => {
      const removed = Object.hasOwn(removedApis, apiVersion) ? removedApis[apiVersion] : undefined;
      if (removed === undefined) return [];
      const [release, use] = removed;
      return [wrong(part.at('apiVersion'), `${apiVersion} is gone since Kubernetes ${release}: use ${use}`)];
    },
  },
  {
    id: 'k8s-name',
    severity: 'error',
    reason: 'The API refuses the name.',
    fix: 'Use small letters, digits and -, beginning and ending with a letter or digit.',
    check: nameProblem,
  },
  {
    id: 'k8s-rbac-wildcard',
    severity: 'error',
    reason: 'Who may do everything can read all secrets and take over the cluster.',
    fix: 'List the verbs, resources and groups that are used.',
    check: rbacWildcards,
  },
  {
    id: 'k8s-plain-secret',
    severity: 'error',
    reason: 'Whoever reads the manifest, the repository or the pod has the secret.',
    fix: 'Make the Secret outside of the manifests, by external-secrets or kubectl.',
    check: secretsOf,
  },
  {
    id: 'k8s-hpa-bounds',
    severity: 'error',
    reason: 'The API refuses an autoscaler without room.',
    fix: 'Make minReplicas at most maxReplicas.',
    check: hpaBounds,
  },
  {
    id: 'k8s-cron-schedule',
    severity: 'error',
    reason: 'The API refuses the schedule.',
    fix: 'Write minute, hour, day, month and day of the week.',
    check: (resource) =>
      cronJob(resource, ({ part }) => {
        const schedule = part.at('spec', 'schedule');
        const problem = schedule.text === undefined ? undefined : cronProblem(schedule.text);
        return problem === undefined ? [] : [wrong(schedule, problem)];
      }),
  },
  {
    id: 'k8s-cron-concurrency',
    severity: 'warning',
    reason: 'By default a second run starts beside one that is late.',
    fix: 'Say concurrencyPolicy: Forbid, Replace or Allow.',
    check: (resource) =>
      cronJob(resource, ({ part }) =>
        part.at('spec', 'concurrencyPolicy').exists
          ? []
          : [missingIn(part.at('spec'), 'Runs that take longer than their interval run side by side')],
      ),
  },
  {
    id: 'k8s-pod-security',
    severity: 'warning',
    reason: 'Pods of the namespace may be privileged.',
    fix: 'Add the label pod-security.kubernetes.io/enforce: restricted, or baseline.',
    check: ({ part, kind }) => {
      const level = part.at('metadata', 'labels', 'pod-security.kubernetes.io/enforce');
      if (kind !== 'Namespace' || level.is('restricted') || level.is('baseline')) return [];
      const message = 'The namespace enforces no standard of PodSecurity';
      return [level.exists ? wrong(level, message) : missingIn(part.at('metadata'), message)];
    },
  },
  {
    id: 'k8s-ingress-tls',
    severity: 'warning',
    reason: 'Passwords and cookies travel in plain text.',
    fix: 'Add spec.tls with the hosts and the Secret of the certificate.',
    check: ({ part, kind }) =>
      kind !== 'Ingress' || part.items('spec', 'tls').length > 0 ? [] : [missingIn(part.at('spec'), 'It has no TLS')],
  },
];
