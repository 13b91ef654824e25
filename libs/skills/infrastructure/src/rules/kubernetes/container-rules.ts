// What a container must have: probes, resources, an image that is one, and no more rights than it needs.
import type { Part } from '../../documents/part.js';
import { type Hit, missingIn, repeated, type Rule, wrong } from '../finding.js';
import { imageProblem } from '../image-reference.policy.js';
import { plainSecret } from '../plain-secret.policy.js';
import { quantityOf } from './quantity.policy.js';
import type { Container } from './resources.js';

const probes = ['readinessProbe', 'livenessProbe', 'startupProbe'] as const;

/** The setting of the container, or else that of its pod. */
const securityOf = ({ part, workload }: Container, name: string): Part => {
  const own = part.at('securityContext', name);
  return own.exists ? own : workload.pod.at('securityContext', name);
};

const ports = ({ part }: Container): Part[] => part.items('ports');

const portOfProbe = (probe: Part): Part | undefined =>
  [probe.at('httpGet', 'port'), probe.at('tcpSocket', 'port'), probe.at('grpc', 'port')].find(({ exists }) => exists);

const probePorts = (container: Container): Hit[] =>
  probes.flatMap((name) => {
    const port = portOfProbe(container.part.at(name));
    if (port?.text === undefined || ports(container).some((one) => one.at('name').is(port.text))) return [];
    return [wrong(port, `The ${name} asks port "${port.text}", which ${container.name} does not name`)];
  });

/** What an HTTP probe asks, as one text. */
const askedBy = (probe: Part): string | undefined =>
  probe.at('httpGet').exists
    ? `${probe.at('httpGet', 'port').word ?? ''}${probe.at('httpGet', 'path').text ?? '/'}`
    : undefined;

const dependentLiveness = ({ part, name }: Container): Hit[] => {
  const [ready, live] = [askedBy(part.at('readinessProbe')), askedBy(part.at('livenessProbe'))];
  if (live === undefined || live !== ready) return [];
  return [wrong(part.at('livenessProbe'), `Both probes of ${name} ask the same`)];
};

// The defaults of the API.
const probeTimings = ({ part }: Container): Hit[] =>
  probes.flatMap((name) => {
    const timeout = part.at(name, 'timeoutSeconds');
    const period = part.at(name, 'periodSeconds').number ?? 10;
    if ((timeout.number ?? 1) <= period) return [];
    return [wrong(timeout, `The ${name} may take ${timeout.number ?? 1} s, but is asked every ${period} s`)];
  });

const resourceNames = ['cpu', 'memory'] as const;

const quantities = ({ part }: Container): Hit[] =>
  ['requests', 'limits'].flatMap((of) =>
    part.members('resources', of).flatMap(([name, amount]) => {
      const { word } = amount;
      if (word === undefined) return [];
      if (quantityOf(word) === undefined) return [wrong(amount, `${word} is no quantity: use 512Mi, 1Gi, 250m`)];
      if (name === 'memory' && word.endsWith('m'))
        return [wrong(amount, `${word} of memory are thousandths of a byte`)];
      return [];
    }),
  );

const requestsOverLimits = ({ part }: Container): Hit[] =>
  resourceNames.flatMap((name) => {
    const [request, limit] = [part.at('resources', 'requests', name), part.at('resources', 'limits', name)];
    const over = (quantityOf(request.word ?? '') ?? 0) > (quantityOf(limit.word ?? '') ?? Infinity);
    return over ? [wrong(request, `${request.word ?? ''} of ${name} is more than the limit, ${limit.word ?? ''}`)] : [];
  });

const missingRequests = ({ part, name }: Container): Hit[] => {
  // Without a request the limit is it.
  const isMissing = (of: string): boolean =>
    !part.at('resources', 'requests', of).exists && !part.at('resources', 'limits', of).exists;
  const missing = resourceNames.filter(isMissing);
  return missing.length === 0 ? [] : [missingIn(part, `${name} requests no ${missing.join(' and no ')}`)];
};

const capabilities = ({ part, name }: Container): Hit[] => {
  const drop = part.at('securityContext', 'capabilities', 'drop');
  const add = part.at('securityContext', 'capabilities', 'add');
  const extra = part.texts('securityContext', 'capabilities', 'add').filter((one) => one !== 'NET_BIND_SERVICE');
  return [
    ...(drop.items().some(({ text }) => text?.toUpperCase() === 'ALL')
      ? []
      : [missingIn(part, `${name} keeps the capabilities that the container engine gives`)]),
    ...(extra.length === 0 ? [] : [wrong(add, `${name} gets ${extra.join(', ')}`)]),
  ];
};

const nonRoot = (container: Container): Hit[] => {
  const user = securityOf(container, 'runAsUser');
  if (user.is(0)) return [wrong(user, `${container.name} runs as root (user 0)`)];
  const setting = securityOf(container, 'runAsNonRoot');
  if (setting.is(true)) return [];
  const message = `${container.name} may run as root`;
  return [setting.exists ? wrong(setting, message) : missingIn(container.part, message)];
};

/** A setting that must be there with this value. */
const mustBe = (container: Container, name: string, value: boolean, message: string): Hit[] => {
  const setting = container.part.at('securityContext', name);
  if (setting.is(value)) return [];
  return [setting.exists ? wrong(setting, message) : missingIn(container.part, message)];
};

const secretsOf = ({ part }: Container): Hit[] =>
  part.items('env').flatMap((env) => {
    const problem = plainSecret(env.at('name').text ?? '', env.at('value').text ?? '');
    return problem === undefined ? [] : [wrong(env.at('value'), problem)];
  });

const preStop = ({ part, workload }: Container): Hit[] => {
  const sleep = part.at('lifecycle', 'preStop', 'sleep', 'seconds');
  const grace = workload.pod.at('terminationGracePeriodSeconds').number ?? 30;
  if ((sleep.number ?? 0) < grace) return [];
  return [wrong(sleep, `It sleeps ${sleep.number ?? 0} s of the ${grace} s after which the pod is killed`)];
};

/** Rules of every container, also of those that run before the others. */
export const containerRules: readonly Rule<Container>[] = [
  {
    id: 'k8s-readiness-probe',
    severity: 'error',
    reason: 'Without it a pod gets requests before it can answer them, at each rollout and after each restart.',
    fix: 'Add a readinessProbe, for instance httpGet on /health/ready.',
    check: (container) => {
      const { part, name, isInit, workload } = container;
      if (isInit || !workload.isLongRunning || ports(container).length === 0) return [];
      return part.at('readinessProbe').exists ? [] : [missingIn(part, `${name} listens, but has no readiness probe`)];
    },
  },
  {
    id: 'k8s-liveness-probe',
    severity: 'warning',
    reason: 'A process that hangs is never restarted.',
    fix: 'Add a livenessProbe that asks the process itself and none of its dependencies.',
    check: ({ part, name, isInit, workload }) => {
      if (isInit || !workload.isLongRunning || part.at('livenessProbe').exists) return [];
      return [missingIn(part, `${name} has no liveness probe`)];
    },
  },
  {
    id: 'k8s-liveness-dependencies',
    severity: 'warning',
    reason: 'What is not ready because a dependency is away is restarted for it, again and again.',
    fix: 'Let the livenessProbe ask the process itself, the readinessProbe its dependencies.',
    check: dependentLiveness,
  },
  {
    id: 'k8s-probe-port',
    severity: 'error',
    reason: 'A probe of a port that the container does not name always fails.',
    fix: 'Use the name or the number of one of its ports.',
    check: probePorts,
  },
  {
    id: 'k8s-probe-timing',
    severity: 'warning',
    reason: 'Probes that may last longer than their period pile up or are late to notice.',
    fix: 'Make timeoutSeconds at most periodSeconds.',
    check: probeTimings,
  },
  {
    id: 'k8s-memory-limit',
    severity: 'error',
    reason: 'A leak takes the memory of the whole node, and other pods are killed.',
    fix: 'Set resources.limits.memory.',
    check: ({ part, name }) =>
      part.at('resources', 'limits', 'memory').exists ? [] : [missingIn(part, `${name} has no memory limit`)],
  },
  {
    id: 'k8s-resource-requests',
    severity: 'warning',
    reason: 'The scheduler packs pods by their requests; without, they are the first to be evicted.',
    fix: 'Set resources.requests.cpu and .memory to what it usually needs.',
    check: missingRequests,
  },
  {
    id: 'k8s-request-over-limit',
    severity: 'error',
    reason: 'The API refuses a request above its limit.',
    fix: 'Lower the request or raise the limit.',
    check: requestsOverLimits,
  },
  {
    id: 'k8s-quantity',
    severity: 'error',
    reason: 'The API refuses what is no quantity, and takes 256m of memory for a quarter of a byte.',
    fix: 'Use Ki, Mi, Gi for memory, m for thousandths of a core.',
    check: quantities,
  },
  {
    id: 'k8s-image-tag',
    severity: 'error',
    reason: 'Which version runs depends on when a node pulled the image, and no rollback leads back.',
    fix: 'Name a version or a digest.',
    check: ({ part }) => {
      const image = part.at('image');
      const problem = image.text === undefined ? undefined : imageProblem(image.text);
      return problem === undefined ? [] : [wrong(image, problem)];
    },
  },
  {
    id: 'k8s-run-as-non-root',
    severity: 'error',
    reason: 'Whoever escapes from a container of root is root on the node.',
    fix: 'Set securityContext.runAsNonRoot: true, and a user other than 0.',
    check: nonRoot,
  },
  {
    id: 'k8s-read-only-root',
    severity: 'warning',
    reason: 'An intruder can change the program and leave tools behind.',
    fix: 'Set securityContext.readOnlyRootFilesystem: true; mount an emptyDir where it writes.',
    check: (one) => mustBe(one, 'readOnlyRootFilesystem', true, `${one.name} can write to its root file system`),
  },
  {
    id: 'k8s-privileged',
    severity: 'error',
    reason: 'A privileged container has the devices and the kernel of its node.',
    fix: 'Remove privileged; add the one capability that is needed.',
    check: ({ part, name }) => {
      const setting = part.at('securityContext', 'privileged');
      return setting.is(true) ? [wrong(setting, `${name} is privileged`)] : [];
    },
  },
  {
    id: 'k8s-privilege-escalation',
    severity: 'error',
    reason: 'A setuid program gives a process more rights than its user has.',
    fix: 'Set securityContext.allowPrivilegeEscalation: false.',
    check: (one) => mustBe(one, 'allowPrivilegeEscalation', false, `${one.name} can gain privileges`),
  },
  {
    id: 'k8s-capabilities',
    severity: 'error',
    reason: 'The capabilities that engines give by default suffice to forge packets or to change owners of files.',
    fix: 'Set capabilities.drop: [ALL]; only NET_BIND_SERVICE may be added.',
    check: capabilities,
  },
  {
    id: 'k8s-host-port',
    severity: 'error',
    reason: 'It binds a port of the node: one such pod per node, and past network policies.',
    fix: 'Remove hostPort; use a Service.',
    check: (container) =>
      ports(container)
        .map((port) => port.at('hostPort'))
        .filter(({ exists }) => exists)
        .map((port) => wrong(port, `${container.name} binds port ${port.word ?? ''} of its node`)),
  },
  {
    id: 'k8s-plain-secret',
    severity: 'error',
    reason: 'Whoever reads the manifest, the repository or the pod has the secret.',
    fix: 'Use valueFrom.secretKeyRef.',
    check: secretsOf,
  },
  {
    id: 'k8s-duplicate-env',
    severity: 'error',
    reason: 'Of two variables of one name the last one counts, and a patch may remove either.',
    fix: 'Keep one.',
    check: ({ part }) =>
      repeated(part.items('env'), (env) => env.at('name').text).map((env) =>
        wrong(env, `The variable ${env.at('name').text ?? ''} is there twice`),
      ),
  },
  {
    id: 'k8s-volume-missing',
    severity: 'error',
    reason: 'The API refuses a mount without its volume.',
    fix: 'Add the volume to the pod, or correct the name.',
    check: ({ part, workload }) => {
      const { pod, resource } = workload;
      const names = [
        ...pod.items('volumes').map((volume) => volume.at('name').text),
        ...resource.part.items('spec', 'volumeClaimTemplates').map((claim) => claim.at('metadata', 'name').text),
      ];
      return part
        .items('volumeMounts')
        .filter((mount) => mount.at('name').text !== undefined && !names.includes(mount.at('name').text))
        .map((mount) => wrong(mount, `There is no volume "${mount.at('name').text ?? ''}"`));
    },
  },
  {
    id: 'k8s-grace-period',
    severity: 'error',
    reason: 'The process is killed before it is asked to stop: its work is lost.',
    fix: 'Make terminationGracePeriodSeconds longer than preStop and shutdown together.',
    check: preStop,
  },
];
