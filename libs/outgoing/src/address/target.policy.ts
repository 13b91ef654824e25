// Which URLs may be requested.
import { OutgoingRefused } from '../errors.js';

export interface TargetRules {
  readonly schemes: readonly string[];
  readonly ports: readonly number[];
  /** Origins that may be asked whatever their port is. */
  readonly origins?: readonly string[];
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };
// Common servers refuse longer ones too (RFC 9110 recommends 8,000 at least).
const maxUrlLength = 16_384;

const parsed = (text: string): URL => {
  const url = text.length <= maxUrlLength ? URL.parse(text) : null;
  if (url === null) throw new OutgoingRefused('invalid_url');
  return url;
};

/**
 * The URL of a request, parsed by the rules of browsers, so that every spelling of an address becomes the one that is
 * checked and connected to; without its fragment.
 * @throws OutgoingRefused when its scheme, port or credentials forbid it
 */
export const targetOf = (text: string, { schemes, ports, origins = [] }: TargetRules): URL => {
  const url = parsed(text);
  const scheme = url.protocol.slice(0, -1);
  if (!schemes.includes(scheme)) throw new OutgoingRefused('scheme_not_allowed');
  const { origin } = url;
  if (url.username !== '' || url.password !== '') throw new OutgoingRefused('credentials_in_url', { origin });
  const port = url.port === '' ? defaultPorts[scheme] : Number(url.port);
  if (port === undefined || (!ports.includes(port) && !origins.includes(origin)))
    throw new OutgoingRefused('port_not_allowed', { origin });
  url.hash = '';
  return url;
};

/** The host of a URL as it is looked up: an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');
