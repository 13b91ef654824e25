// What `npm run scan` runs: wapiti against a Pulser of its own, on this machine, with an empty database.
import { build } from './build.mjs';
import { say } from './progress.mjs';
import { coverageComplaint, explainedFindings, findingsIn, reportOf } from './scan/report.policy.mjs';
import { requireWapiti, scannable, scanWithWapiti } from './scan/attack.mjs';

async function scan() {
  await requireWapiti();
  const code = await build('Building what changed', ['apps/embedded']);
  if (code !== 0) return code;
  const target = await scannable();
  try {
    const report = await scanWithWapiti(target);
    const complaint = (await target.answers())
      ? coverageComplaint(await target.reads(), target.readable)
      : 'Pulser did not survive the scan';
    if (complaint !== undefined) throw new Error(complaint);
    const { lines, failed } = reportOf(findingsIn(report), explainedFindings);
    process.stdout.write(`${lines.join('\n')}\n`);
    return failed ? 1 : 0;
  } finally {
    await target.stop();
  }
}

try {
  process.exitCode = await scan();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
