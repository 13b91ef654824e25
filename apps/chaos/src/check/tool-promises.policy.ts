// What is promised of calls of tools: pure functions over the facts of a run.
import { brokenEffects, missingReads, unwrittenEffects } from '@pulser/testing/tool-calls';

import type { Promised } from './violations.policy.js';

const everyCallOnce: Promised = ({ tools: { writes } }) => brokenEffects(writes);

const writtenFirst: Promised = ({ tools: { writes } }) => unwrittenEffects(writes);

const everyReadKnown: Promised = ({ tools: { reads, unrecorded } }) => missingReads(reads, unrecorded);

/** The promises of calls of tools. */
export const toolPromises = {
  'every call of a tool had the effect that its caller was told, and none was doubled': everyCallOnce,
  'every call of a tool that changes something was in the audit before it left': writtenFirst,
  'the audit has every read but those that the counter counts': everyReadKnown,
} as const satisfies Record<string, Promised>;
