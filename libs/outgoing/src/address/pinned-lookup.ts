import { isIP, type LookupFunction } from 'node:net';

/**
 * Answers a socket that asks for the addresses of a name with those that were checked, and asks nobody: a second answer of
 * the name server could be another one.
 */
export const pinnedLookup =
  (addresses: readonly string[]): LookupFunction =>
  (_host, { all }, answer) => {
    const checked = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = checked;
    if (first === undefined) answer(new Error('no checked address'), []);
    else if (all === true) answer(null, checked);
    else answer(null, first.address, first.family);
  };
