// Default passwords are refused where other machines reach a service.
import { isIPv4 } from 'node:net';

import { ConfigError, type EnvSource } from '../env/env.js';

const guessedFirst = new Set(['admin', 'changeme', 'guest', 'password', 'postgres', 'pulser', 'secret']);

// Keys from the documentation of other products, long enough to pass for real ones.
const published = new Set(['super-secret-jwt-token-with-at-least-32-characters-long']);

const hasDefaultPassword = ({ protocol, username, password }: URL): boolean => {
  // Without a user name the RabbitMQ client logs in as guest:guest.
  if (/^amqps?:$/.test(protocol) && username === '') return true;
  return password !== '' && (password === username || guessedFirst.has(password.toLowerCase()));
};

const isDefault = (value: string): boolean => {
  if (published.has(value)) return true;
  const url = URL.parse(value);
  return url !== null && hasDefaultPassword(url);
};

/** The variables that decide whether other machines reach a service. */
export interface Exposure {
  readonly HOST: string;
  readonly NODE_ENV?: string | undefined;
}

// The operator's "development" wins over HOST: inside a container a service listens on every address even when its port
// is published on the loopback only.
const isExposed = ({ HOST, NODE_ENV }: Exposure): boolean =>
  NODE_ENV === 'production' || (NODE_ENV !== 'development' && !isLoopback(HOST));

/** @param names variables of the service. @throws ConfigError that names those with a well-known password */
export const refuseDefaultSecrets = (names: readonly string[], source: EnvSource, exposure: Exposure): void => {
  if (!isExposed(exposure)) return;
  const found = names.filter((name) => isDefault(source[name] ?? ''));
  if (found.length === 0) return;
  throw new ConfigError(
    `${found.join(', ')} has a default password, and others may reach this service: set one of your own, ` +
      'or HOST=127.0.0.1 (and no NODE_ENV=production), or NODE_ENV=development when no other machine can',
  );
};

/** Whether only this machine reaches a server on this host. Names other than `localhost` count as reachable: no look-up. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
