// What a drill does to the health services themselves.
import { setTimeout as wait } from 'node:timers/promises';

import type { Member } from '../fleet/fleet.js';
import { type Observations, until } from './observations.js';

/** Longer than a lease: another one leads when it wakes. Milliseconds. */
const frozenMs = 15_000;
/** Until another one leads. Milliseconds. */
const leadMs = 30_000;

/**
 * Kills the health service that leads and freezes the one that follows it, while a drill is under way.
 * @throws when none leads, or none follows: such a drill proves nothing
 */
export const breakLeaders = async (services: readonly Member[], seen: Observations): Promise<void> => {
  const leading = async (): Promise<Member | undefined> => {
    const holder = await seen.leader();
    return services.find(({ service: { pid } }) => pid !== undefined && holder?.includes(`-${pid}-`) === true);
  };
  const other = async (before?: Member): Promise<Member> => {
    let found: Member | undefined;
    await until(async () => (found = await leading()) !== undefined && found !== before, leadMs);
    if (found === undefined || found === before) throw new Error('no other health service leads: see the logs');
    return found;
  };
  const first = await other();
  await first.service.end('SIGKILL');
  const second = await other(first);
  second.service.freeze();
  await wait(frozenMs);
  second.service.thaw();
  first.service.start();
};
