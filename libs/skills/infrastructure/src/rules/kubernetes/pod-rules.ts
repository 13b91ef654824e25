// What a pod must not have of its node, and what its workload says about it.
import { type Hit, missingIn, repeated, type Rule, wrong } from '../finding.js';
import { containersOf, selects, type Workload } from './resources.js';

const hostNamespaces = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

/** `Always` alone is allowed where pods run on, the others where they end. */
const restartPolicy = ({ pod, isLongRunning, resource }: Workload): Hit[] => {
  const policy = pod.at('restartPolicy');
  const isJob = resource.kind === 'Job' || resource.kind === 'CronJob';
  if (isJob && !policy.exists) return [missingIn(pod, 'Pods of a job need the restartPolicy Never or OnFailure')];
  if (isJob && policy.is('Always')) return [wrong(policy, 'A job whose pods always restart never ends')];
  if (isLongRunning && policy.exists && !policy.is('Always'))
    return [wrong(policy, `A ${resource.kind} takes the restartPolicy Always only`)];
  return [];
};

const seccomp = (workload: Workload): Hit[] => {
  const { pod } = workload;
  const isSet = (of: string | undefined): boolean => of !== undefined && of !== 'Unconfined';
  if (isSet(pod.at('securityContext', 'seccompProfile', 'type').text)) return [];
  const bare = containersOf(workload).filter(
    ({ part }) => !isSet(part.at('securityContext', 'seccompProfile', 'type').text),
  );
  if (bare.length === 0) return [];
  const names = bare.map(({ name }) => name).join(', ');
  return [wrong(pod.at('containers'), `${names}: all system calls of the kernel are open`)];
};

const rollingUpdate = ({ resource }: Workload): Hit[] => {
  const update = resource.part.at('spec', 'strategy', 'rollingUpdate');
  const isZero = (name: string): boolean => /^0%?$/.test(update.at(name).word ?? '');
  if (!isZero('maxUnavailable') || !isZero('maxSurge')) return [];
  return [wrong(update, 'Neither one pod more nor one pod less is allowed: no pod can be replaced')];
};

/** Rules of whatever makes pods. */
export const podRules: readonly Rule<Workload>[] = [
  {
    id: 'k8s-selector-labels',
    severity: 'error',
    reason: 'The API refuses a workload that does not select the pods of its own template.',
    fix: 'Give the template the labels of spec.selector.matchLabels.',
    check: ({ resource, labels }) => {
      const selector = resource.part.at('spec', 'selector');
      if (!selector.at('matchLabels').exists || selects(selector, labels)) return [];
      const message = `The selector of ${resource.name} does not match these labels`;
      return [labels.exists ? wrong(labels, message) : wrong(selector, message)];
    },
  },
  {
    id: 'k8s-host-path',
    severity: 'error',
    reason: 'A folder of the node lets the pod change the node, and its data stays when the pod moves.',
    fix: 'Use a persistentVolumeClaim, a configMap, a secret or an emptyDir.',
    check: ({ pod }) =>
      pod
        .items('volumes')
        .map((volume) => volume.at('hostPath'))
        .filter(({ exists }) => exists)
        .map((path) => wrong(path, `It mounts ${path.at('path').text ?? 'a folder'} of the node`)),
  },
  {
    id: 'k8s-host-namespace',
    severity: 'error',
    reason: 'The pod sees the network or the processes of its node, past network policies.',
    fix: 'Remove it.',
    check: ({ pod }) =>
      hostNamespaces
        .map((name) => pod.at(name))
        .filter((setting) => setting.is(true))
        .map((setting) => wrong(setting, `${String(setting.path.at(-1))} shares the namespace of the node`)),
  },
  {
    id: 'k8s-seccomp',
    severity: 'warning',
    reason:
      'Each system call is a door to the kernel of the node; the restricted PodSecurity standard asks for a profile.',
    fix: 'Set securityContext.seccompProfile.type: RuntimeDefault in the pod.',
    check: seccomp,
  },
  {
    id: 'k8s-service-account-token',
    severity: 'warning',
    reason: 'Each pod gets a token of the API, which an intruder can use.',
    fix: 'Set automountServiceAccountToken: false, or true where the pod is a client of the API.',
    check: ({ pod }) =>
      !pod.exists || pod.at('automountServiceAccountToken').exists
        ? []
        : [missingIn(pod, 'It is not said whether the pods get a token of the API')],
  },
  {
    id: 'k8s-restart-policy',
    severity: 'error',
    reason: 'The API refuses other combinations.',
    fix: 'Never or OnFailure for jobs, Always (or nothing) for what runs on.',
    check: restartPolicy,
  },
  {
    id: 'k8s-rolling-update',
    severity: 'error',
    reason: 'The API refuses an update that may change nothing.',
    fix: 'Set maxUnavailable: 0 with maxSurge: 1.',
    check: rollingUpdate,
  },
  {
    id: 'k8s-duplicate-container',
    severity: 'error',
    reason: 'The API refuses two containers of one name in a pod.',
    fix: 'Rename one.',
    check: (workload) =>
      repeated(containersOf(workload), ({ name }) => name).map(({ part, name }) =>
        wrong(part, `The container "${name}" is there twice`),
      ),
  },
];
