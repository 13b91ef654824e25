import { peers } from '../peers/peers.js';
import type { Contestant } from './contestant.js';
import { pulser } from './pulser.contestant.js';

/**
 * Pulser, and whom it is compared with.
 * @param names of peers, or `all`, or `none`
 * @throws TypeError for a name that is nobody's
 */
export const chosenContestants = (names: readonly string[]): readonly Contestant[] => {
  if (names.includes('all')) return [pulser, ...peers];
  const wanted = names.filter((name) => name !== 'none');
  const known = peers.map(({ name }) => name);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new TypeError(`--peers: no ${unknown.join(', ')} among ${known.join(', ')}`);
  return [pulser, ...peers.filter(({ name }) => wanted.includes(name))];
};
