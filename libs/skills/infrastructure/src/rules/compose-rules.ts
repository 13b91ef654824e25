// What services of a compose file must say beside what its schema asks for.
import { type ComposeService, dependenciesOf, mountsOf, portsOf, settingsOf } from './compose-model.js';
import { type Hit, type Rule, wrong } from './finding.js';
import { imageProblem } from './image-reference.policy.js';
import { plainSecret } from './plain-secret.policy.js';

const isBuilt = ({ part }: ComposeService): boolean => part.at('build').exists;

/** One that another file or service completes is judged where it is complete. */
const isComplete = ({ part }: ComposeService): boolean => !part.at('extends').exists;

/** It runs once: a task, or a tool that is started by hand. */
const endsByItself = ({ part, name, file }: ComposeService): boolean =>
  part.at('profiles').exists ||
  file.services.some((other) =>
    dependenciesOf(other).some((one) => one.name === name && one.condition.is('service_completed_successfully')),
  );

const hasHealthCheck = ({ part }: ComposeService): boolean =>
  part.at('healthcheck').exists &&
  !part.at('healthcheck', 'disable').is(true) &&
  !part.at('healthcheck', 'test').texts().includes('NONE');

const healthChecks = (service: ComposeService): Hit[] => {
  const disabled = service.part.at('healthcheck', 'disable');
  return service.file.services.flatMap((other) =>
    dependenciesOf(other)
      .filter(({ name, condition }) => name === service.name && condition.is('service_healthy'))
      // An image may bring one, but not one that is disabled here.
      .filter(() => !hasHealthCheck(service) && (!isBuilt(service) || disabled.is(true)))
      .map(({ condition }) => wrong(condition, `${service.name} has no health check to wait for`)),
  );
};

const hasMemoryLimit = ({ part }: ComposeService): boolean =>
  part.at('mem_limit').exists || part.at('deploy', 'resources', 'limits', 'memory').exists;

/** Folders of the machine that give a container the machine. */
const dangerous =
  /^\/(?:$|etc(?:\/|$)|proc(?:\/|$)|sys(?:\/|$)|dev(?:\/|$)|root(?:\/|$)|boot(?:\/|$)|home\/?$|usr(?:\/|$)|var\/?$|run\/?$|var\/run\/?$|var\/lib(?:\/docker.*)?\/?$)|docker\.sock$|containerd\.sock$/;

const hostMounts = (service: ComposeService): Hit[] =>
  mountsOf(service)
    .filter(({ source, isPath }) => isPath && dangerous.test(source))
    .map(({ at, source }) => wrong(at, `${service.name} mounts ${source} of the machine`));

const namespaces = ['network_mode', 'pid', 'ipc', 'uts', 'userns_mode', 'cgroup'] as const;

const securityOptions = ({ part, name }: ComposeService): Hit[] => {
  const options = part.at('security_opt');
  if (part.texts('security_opt').some((one) => /^no-new-privileges(?:[:=]true)?$/.test(one))) return [];
  return [wrong(options.exists ? options : part, `${name} can gain privileges`)];
};

const capabilities = ({ part, name }: ComposeService): Hit[] => {
  const drop = part.at('cap_drop');
  const extra = part.texts('cap_add').filter((one) => !/^(?:CAP_)?NET_BIND_SERVICE$/i.test(one));
  return [
    ...(part.texts('cap_drop').some((one) => one.toUpperCase() === 'ALL')
      ? []
      : [wrong(drop.exists ? drop : part, `${name} keeps the capabilities that the engine gives`)]),
    ...extra
      .filter((one) => /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|NET_ADMIN|DAC_READ_SEARCH|BPF)$/i.test(one))
      .map((one) => wrong(part.at('cap_add'), `${name} gets ${one}`)),
  ];
};

const secrets = ({ part }: ComposeService): Hit[] =>
  [part.at('environment'), part.at('build', 'args')].flatMap((settings) =>
    settingsOf(settings).flatMap(({ name, value, at }) => {
      const problem = plainSecret(name, value);
      return problem === undefined ? [] : [wrong(at, problem)];
    }),
  );

/** Ports of databases, brokers and caches, which ask for no password or a known one. */
const innerPorts = new Set([
  '1433',
  '2379',
  '3306',
  '5432',
  '5672',
  '6379',
  '8086',
  '9042',
  '9200',
  '11211',
  '15672',
  '27017',
]);

const openPorts = (service: ComposeService): Hit[] =>
  portsOf(service)
    .filter(({ target, address }) => innerPorts.has(target) && !/^(?:127\.|\[\.\.1\]|localhost)/.test(address))
    .map(({ at, target }) => wrong(at, `Port ${target} of ${service.name} is open to every network of the machine`));

/** Rules of each service. */
export const composeServiceRules: readonly Rule<ComposeService>[] = [
  {
    id: 'compose-image-tag',
    severity: 'error',
    reason: 'Which version runs depends on when the image was pulled.',
    fix: 'Name a version or a digest.',
    check: (service) => {
      const image = service.part.at('image');
      // Beside a build it is the name of what is built.
      const problem = image.text === undefined || isBuilt(service) ? undefined : imageProblem(image.text);
      return problem === undefined || image.text?.includes('$') === true ? [] : [wrong(image, problem)];
    },
  },
  {
    id: 'compose-memory-limit',
    severity: 'warning',
    reason: 'A leak takes the memory of the machine, and other services are killed.',
    fix: 'Set mem_limit, or deploy.resources.limits.memory.',
    check: (service) =>
      hasMemoryLimit(service) || !isComplete(service)
        ? []
        : [wrong(service.part, `${service.name} has no memory limit`)],
  },
  {
    id: 'compose-health-check',
    severity: 'error',
    reason: 'What waits for its health never starts.',
    fix: 'Add a healthcheck to the service that is waited for.',
    check: healthChecks,
  },
  {
    id: 'compose-privileged',
    severity: 'error',
    reason: 'A privileged container has the devices and the kernel of the machine.',
    fix: 'Remove privileged; add the one capability or device that is needed.',
    check: ({ part, name }) =>
      part.at('privileged').is(true) ? [wrong(part.at('privileged'), `${name} is privileged`)] : [],
  },
  {
    id: 'compose-host-mount',
    severity: 'error',
    reason: 'With the socket of the engine or the folders of the system the container has the machine.',
    fix: 'Mount a volume, or the one folder that is needed.',
    check: hostMounts,
  },
  {
    id: 'compose-host-namespace',
    severity: 'error',
    reason: 'It sees the network or the processes of the machine.',
    fix: 'Remove it; publish the ports that are needed.',
    check: ({ part, name }) =>
      namespaces
        .filter((namespace) => part.at(namespace).is('host'))
        .map((namespace) => wrong(part.at(namespace), `${name} shares it with the machine`)),
  },
  {
    id: 'compose-run-as-root',
    severity: 'error',
    reason: 'Whoever escapes from a container of root is root on the machine.',
    fix: 'Name another user, or none when the image has one.',
    check: ({ part, name }) => {
      const user = part.at('user');
      return /^(?:root|0)(?::|$)/.test(user.word ?? '') ? [wrong(user, `${name} runs as root`)] : [];
    },
  },
  {
    id: 'compose-read-only-root',
    severity: 'warning',
    reason: 'An intruder can change the program and leave tools behind.',
    fix: 'Set read_only: true, and tmpfs where it writes.',
    check: (service) =>
      service.part.at('read_only').is(true) || !isComplete(service)
        ? []
        : [wrong(service.part, `${service.name} can write to its root file system`)],
  },
  {
    id: 'compose-privilege-escalation',
    severity: 'warning',
    reason: 'A setuid program gives a process more rights than its user has.',
    fix: 'Add no-new-privileges:true to security_opt.',
    check: (service) => (isComplete(service) ? securityOptions(service) : []),
  },
  {
    id: 'compose-capabilities',
    severity: 'warning',
    reason: 'The capabilities that engines give by default suffice to forge packets or to change owners of files.',
    fix: 'Set cap_drop: [ALL], and add those that are needed.',
    check: (service) => (isComplete(service) ? capabilities(service) : []),
  },
  {
    id: 'compose-plain-secret',
    severity: 'error',
    reason: 'Whoever reads the file, the repository or the container has the secret.',
    fix: 'Use secrets, or a variable of .env: ${NAME:?}.',
    check: secrets,
  },
  {
    id: 'compose-open-port',
    severity: 'error',
    reason: 'Docker opens published ports past the firewall of the machine.',
    fix: 'Publish it on 127.0.0.1, or not at all: services reach each other without.',
    check: openPorts,
  },
  {
    id: 'compose-restart',
    severity: 'warning',
    reason: 'After a crash or a restart of the machine it stays down.',
    fix: 'Set restart: unless-stopped, or "no" for what ends by itself.',
    check: (service) => {
      const { part, name } = service;
      if (part.at('restart').exists || part.at('deploy', 'restart_policy').exists || !isComplete(service)) return [];
      return endsByItself(service) ? [] : [wrong(part, `${name} is not started again`)];
    },
  },
  {
    id: 'compose-container-name',
    severity: 'error',
    reason: 'Two containers cannot have one name.',
    fix: 'Remove container_name.',
    check: ({ part, name }) => {
      const copies = part.at('deploy', 'replicas').number ?? part.at('scale').number ?? 1;
      if (!part.at('container_name').exists || copies < 2) return [];
      return [wrong(part.at('container_name'), `${name} has ${copies} containers of this name`)];
    },
  },
];
