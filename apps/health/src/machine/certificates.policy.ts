// Whether a certificate ends soon, and where there are certificates: at the servers that the configuration names.
import type { Finding } from '@pulser/context-bus';

/** A server with TLS. */
export interface TlsServer {
  /** Of the variable that names it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** At once, or when the client asks for it in the words of the protocol. */
  readonly start: 'atOnce' | 'smtp' | 'postgres';
}

/** Of a scheme, its usual port and how TLS begins. */
const schemes: Readonly<Record<string, Pick<TlsServer, 'port' | 'start'>>> = {
  'amqps:': { port: 5_671, start: 'atOnce' },
  'https:': { port: 443, start: 'atOnce' },
  'smtps:': { port: 465, start: 'atOnce' },
  // Mail is sent over TLS where the server offers it.
  'smtp:': { port: 587, start: 'smtp' },
  'postgres:': { port: 5_432, start: 'postgres' },
  'postgresql:': { port: 5_432, start: 'postgres' },
};

/** PostgreSQL is reached without TLS unless the URL asks for it, as the client reads it. */
const wantsTls = ({ searchParams }: URL): boolean =>
  searchParams.get('sslmode') !== 'disable' &&
  (['sslmode', 'sslrootcert', 'sslcert'].some((name) => searchParams.has(name)) ||
    ['true', '1'].includes(searchParams.get('ssl') ?? ''));

/** The servers of URLs with TLS; other URLs have none. @param urls by the variable that names them */
export const tlsServersOf = (urls: Readonly<Record<string, readonly string[]>>): TlsServer[] =>
  Object.entries(urls).flatMap(([name, texts]) =>
    texts.flatMap((text) => {
      const url = URL.parse(text);
      const scheme = url === null ? undefined : schemes[url.protocol];
      if (url === null || scheme === undefined || (scheme.start === 'postgres' && !wantsTls(url))) return [];
      const port = url.port === '' ? scheme.port : Number(url.port);
      return [{ name, host: url.hostname.replace(/^\[|\]$/g, ''), port, start: scheme.start }];
    }),
  );

const dayMs = 86_400_000;
const warningDays = 21;
const criticalDays = 3;

export const placeOf = ({ host, port }: Pick<TlsServer, 'host' | 'port'>): string => `${host}:${port}`;

/** What is found of a certificate. */
export const certificateFinding = (server: TlsServer, validTo: Date, now: Date): Finding => {
  const days = Math.floor((validTo.getTime() - now.getTime()) / dayMs);
  const place = placeOf(server);
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
    detail: { server: place, variable: server.name, valid_to: validTo.toISOString() },
  };
};
