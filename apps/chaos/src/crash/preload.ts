// Loaded before a program with `node --import`: makes it kill itself at the point that CHAOS_CRASH_AT names.
// With CHAOS_CRASH_AT=check it only looks whether every step is still where this harness believes it.
import { appendFileSync } from 'node:fs';

import { type CrashPoint, crashPointOf, crashPointText } from './crash-point.policy.js';
import { wrap } from './wrap.js';
import { wrappings } from './wrappings.js';

const arm = async (point: CrashPoint, diary: string | undefined): Promise<void> => {
  let left = point.times;
  wrap((await wrappings())[point.step], (moment) => {
    if (moment !== point.moment || --left > 0) return;
    if (diary !== undefined) appendFileSync(diary, `${crashPointText(point)}\n`);
    process.kill(process.pid, 'SIGKILL');
  });
};

const { CHAOS_CRASH_AT: where = '', CHAOS_CRASH_DIARY: diary } = process.env;
if (where === 'check') for (const step of Object.values(await wrappings())) wrap(step, () => undefined);
else await arm(crashPointOf(where), diary);
