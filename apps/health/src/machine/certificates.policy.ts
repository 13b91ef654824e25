// Whether a certificate ends soon, and where there are certificates: at the servers that the configuration names.
import type { Finding } from '@pulser/context-bus';

/** A server that speaks TLS from the first byte. */
export interface TlsServer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const ports: Readonly<Record<string, number>> = { 'amqps:': 5_671, 'smtps:': 465, 'https:': 443 };

/** The servers of URLs with TLS; other URLs have none. @param urls by the variable that names them */
export const tlsServersOf = (urls: Readonly<Record<string, string | undefined>>): TlsServer[] =>
  Object.entries(urls).flatMap(([name, text]) => {
    const url = text === undefined ? null : URL.parse(text);
    const usual = url === null ? undefined : ports[url.protocol];
    if (url === null || usual === undefined) return [];
    return [{ name, host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? usual : Number(url.port) }];
  });

const dayMs = 86_400_000;
const warningDays = 21;
const criticalDays = 3;

/** What is found of a certificate. */
export const certificateFinding = ({ name, host, port }: TlsServer, validTo: Date, now: Date): Finding => {
  const days = Math.floor((validTo.getTime() - now.getTime()) / dayMs);
  const place = `${host}:${port}`;
  const until = validTo.toISOString().slice(0, 10);
  return {
    key: `certificate:${place}`,
    kind: 'certificate_expiry',
    subject: place,
    severity: days < criticalDays ? 'critical' : 'warning',
    state: days < warningDays ? 'open' : 'resolved',
    summary:
      days < 0
        ? `The certificate of ${place} ended on ${until}`
        : `The certificate of ${place} is valid until ${until}${days < warningDays ? `: ${days} days` : ''}`,
    detail: { server: place, variable: name, valid_to: validTo.toISOString() },
  };
};
