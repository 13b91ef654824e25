import { isIPv4 } from 'node:net';

/** Whether only this machine reaches what listens there. Names are not looked up: all but `localhost` may be reached. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
