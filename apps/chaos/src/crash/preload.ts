// Loaded before a program with `node --import`: makes it kill itself at the point that CHAOS_CRASH_AT names.
// With CHAOS_CRASH_AT=check it only checks that the libraries still take every step as the table says.
import { appendFileSync } from 'node:fs';

import { arm, checkSteps, crashPointOf, crashPointText } from './crash-points.js';

const { CHAOS_CRASH_AT: where = '', CHAOS_CRASH_DIARY: diary } = process.env;

if (where === 'check') await checkSteps();
else {
  const point = crashPointOf(where);
  await arm(point, () => {
    if (diary !== undefined) appendFileSync(diary, `${crashPointText(point)}\n`);
    process.kill(process.pid, 'SIGKILL');
  });
}
