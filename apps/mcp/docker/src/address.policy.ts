// Where the engine is, from the variables of the caller.
import { ToolError } from '@pulser/mcp-server-kit';

/** Certificates in PEM. */
export interface EngineTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** A way to an engine: a socket of this machine, or a host. */
export type EngineAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'host'; readonly url: string; readonly tls: EngineTls };

const plainPort = 2375;
const tlsPort = 2376;

const invalid = (why: string): ToolError => new ToolError('not_configured', `DOCKER_HOST ${why}`);

const isTls = (protocol: string, tls: EngineTls): boolean =>
  protocol === 'https:' || (protocol === 'tcp:' && Object.keys(tls).length > 0);

const hostAddress = (url: URL, tls: EngineTls): EngineAddress => {
  if (url.hostname === '') throw invalid('names no host');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.pathname.replace('/', '') !== '')
    throw invalid('has more than a host and a port');
  const secure = isTls(url.protocol, tls);
  const port = url.port === '' ? (secure ? tlsPort : plainPort) : url.port;
  return { kind: 'host', url: `${secure ? 'https' : 'http'}://${url.hostname}:${port}`, tls: secure ? tls : {} };
};

/** The address in a DOCKER_HOST: unix:///path, tcp://host:port, http:// or https://. @throws ToolError not_configured */
export const addressOf = (host: string, tls: EngineTls): EngineAddress => {
  const url = URL.parse(host);
  if (url === null) throw invalid('is no URL such as unix:///var/run/docker.sock or tcp://203.0.113.7:2376');
  switch (url.protocol) {
    case 'unix:':
      if (url.host !== '' || url.pathname === '') throw invalid('has no absolute path of a socket');
      return { kind: 'socket', path: decodeURIComponent(url.pathname) };
    case 'tcp:':
    case 'http:':
    case 'https:':
      return hostAddress(url, tls);
    default:
      throw invalid(`has the scheme ${url.protocol.slice(0, -1)}: unix, tcp, http and https are supported`);
  }
};
