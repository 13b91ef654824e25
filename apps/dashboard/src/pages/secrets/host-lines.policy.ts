// The hosts that a secret may go to, as lines of text: `api.example.com`, `*.example.com:8443`, `http://10.0.0.7:80,8080`.
import type { SecretHost } from '@pulser/contracts';

type Scheme = NonNullable<SecretHost['schemes']>[number];

const schemesOf: Readonly<Record<string, readonly Scheme[]>> = {
  'http://': ['http'],
  'https://': ['https'],
  'http+https://': ['http', 'https'],
};

// The name is left to the API, which says what is wrong with it.
const shape = /^(?<scheme>https?:\/\/|http\+https:\/\/)?(?<host>\[[^\]\s]+\]|[^\s/:[\]]+)(?<ports>:[\d,]+)?$/;

export interface HostLines {
  readonly hosts: readonly SecretHost[];
  /** What is wrong with the first line that cannot be read; undefined: nothing. */
  readonly error: string | undefined;
}

const portsIn = (text: string): readonly number[] => text.slice(1).split(',').map(Number);

const hostIn = (text: string): SecretHost | undefined => {
  const { scheme, host, ports: portText } = shape.exec(text)?.groups ?? {};
  if (host === undefined) return undefined;
  const ports = portText === undefined ? undefined : portsIn(portText);
  if (ports?.every((port) => port >= 1 && port <= 65_535) === false) return undefined;
  const schemes = scheme === undefined ? undefined : schemesOf[scheme];
  return {
    host: host.toLowerCase(),
    ...(ports !== undefined && { ports: [...new Set(ports)] }),
    ...(schemes !== undefined && { schemes: [...schemes] }),
  };
};

/** Hosts of a text, one a line. Without a scheme: https alone, as the API has it. Empty lines are passed over. */
export const hostsIn = (text: string): HostLines => {
  const hosts: SecretHost[] = [];
  for (const [index, one] of text.split('\n').entries()) {
    const trimmed = one.trim();
    if (trimmed === '') continue;
    const host = hostIn(trimmed);
    if (host === undefined)
      return {
        hosts,
        error: `Line ${String(index + 1)} is no host: write api.example.com, or https://api.example.com:8443`,
      };
    hosts.push(host);
  }
  return { hosts, error: undefined };
};

/** A host as a line, which `hostsIn` reads again. */
export const lineOf = ({ host, ports, schemes }: SecretHost): string => {
  const scheme = schemes === undefined ? '' : `${[...schemes].sort().join('+')}://`;
  return `${scheme}${host}${ports === undefined ? '' : `:${ports.join(',')}`}`;
};
