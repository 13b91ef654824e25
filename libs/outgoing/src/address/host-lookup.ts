import { lookup } from 'node:dns/promises';

/** All addresses of a host name. */
export type HostLookup = (host: string) => Promise<readonly string[]>;

/** As the operating system resolves names: hosts file, search domains and DNS. */
export const systemLookup: HostLookup = async (host) => {
  const found = await lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};
