import { isIPv4 } from 'node:net';

import { ConfigError, type EnvSource } from '../env/env.js';

const guessedFirst = new Set(['admin', 'changeme', 'guest', 'password', 'postgres', 'pulser', 'secret']);

/** Keys out of the documentation of others, that are long enough to pass for real ones. */
const published = new Set(['super-secret-jwt-token-with-at-least-32-characters-long']);

const hasDefaultPassword = ({ protocol, username, password }: URL): boolean => {
  // The client of RabbitMQ then says guest:guest.
  if (/^amqps?:$/.test(protocol) && username === '') return true;
  return password !== '' && (password === username || guessedFirst.has(password.toLowerCase()));
};

const isDefault = (value: string): boolean => {
  if (published.has(value)) return true;
  const url = URL.parse(value);
  return url !== null && hasDefaultPassword(url);
};

/** What decides whether others can reach a service. */
export interface Exposure {
  readonly HOST: string;
  readonly NODE_ENV?: string | undefined;
}

// "development" is the word of whoever started it: in a container even loopback is published by listening everywhere.
const isExposed = ({ HOST, NODE_ENV }: Exposure): boolean =>
  NODE_ENV === 'production' || (NODE_ENV !== 'development' && !isLoopback(HOST));

/** @param names variables of the service. @throws ConfigError that names those with a password that anybody knows */
export const refuseDefaultSecrets = (names: readonly string[], source: EnvSource, exposure: Exposure): void => {
  if (!isExposed(exposure)) return;
  const found = names.filter((name) => isDefault(source[name] ?? ''));
  if (found.length === 0) return;
  throw new ConfigError(
    `${found.join(', ')} has a default password, and others may reach this service: set one of your own, ` +
      'or HOST=127.0.0.1 (and no NODE_ENV=production), or NODE_ENV=development when nobody can',
  );
};

/** Whether only this machine reaches what listens there. Names are not looked up: all but `localhost` may be reached. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
