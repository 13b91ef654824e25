// What a compose file must say about its services together: what they refer to must be there.
import { type ComposeFile, dependenciesOf, mountsOf, namesIn, portsOf } from './compose-model.js';
import { type Hit, repeated, type Rule, wrong } from './finding.js';

const duplicatePorts = ({ services }: ComposeFile): Hit[] =>
  repeated(services.flatMap(portsOf), ({ published, address, protocol }) =>
    published === undefined ? undefined : JSON.stringify([published, address, protocol]),
  ).map(({ at, published }) => wrong(at, `Port ${published ?? ''} of the machine is taken by another service`));

/** What a service may refer to, and where that must be defined. */
const definitions = ['networks', 'configs', 'secrets'] as const;

const references = ({ part, services }: ComposeFile): Hit[] => {
  const isDefined = (of: string, name: string): boolean =>
    name === '' || (of === 'networks' && name === 'default') || part.members(of).some(([one]) => one === name);
  return services.flatMap((service) => [
    ...dependenciesOf(service)
      .filter(({ name }) => !services.some((one) => one.name === name))
      .map(({ name, at }) => wrong(at, `There is no service "${name}"`)),
    ...definitions.flatMap((of) =>
      namesIn(service.part.at(of))
        .filter(({ name }) => !isDefined(of, name))
        .map(({ name, at }) => wrong(at, `"${name}" is not defined under ${of}`)),
    ),
    ...mountsOf(service)
      .filter(({ source, isPath }) => !isPath && !source.includes('$') && !isDefined('volumes', source))
      .map(({ source, at }) => wrong(at, `"${source}" is not defined under volumes`)),
  ]);
};

/** Each service of a cycle, at what it depends on. */
const cycles = ({ services }: ComposeFile): Hit[] => {
  const next = new Map(services.map((one) => [one.name, dependenciesOf(one).map(({ name }) => name)]));
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    const open = [...(next.get(from) ?? [])];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at === to) return true;
      if (seen.has(at)) continue;
      seen.add(at);
      open.push(...(next.get(at) ?? []));
    }
    return false;
  };
  return services
    .filter(({ name }) => reaches(name, name))
    .map(({ part, name }) => wrong(part.at('depends_on'), `${name} waits for itself`));
};

/** Rules of the whole file. */
export const composeFileRules: readonly Rule<ComposeFile>[] = [
  {
    id: 'compose-reference',
    severity: 'error',
    reason: 'Compose refuses a file that refers to what is not there.',
    fix: 'Define it, or correct the name.',
    check: references,
  },
  {
    id: 'compose-dependency-cycle',
    severity: 'error',
    reason: 'Compose refuses services that wait for each other.',
    fix: 'Remove one of the dependencies.',
    check: cycles,
  },
  {
    id: 'compose-duplicate-port',
    severity: 'error',
    reason: 'The second service does not start.',
    fix: 'Publish another port.',
    check: duplicatePorts,
  },
  {
    id: 'compose-version',
    severity: 'warning',
    reason: 'The field means nothing any more, and compose warns of it.',
    fix: 'Remove it.',
    check: ({ part }) => (part.at('version').exists ? [wrong(part.at('version'), 'version is obsolete')] : []),
  },
];
