// What `npm run scan` runs: wapiti against a Pulser of its own, on this machine, with one of everything in its database: as
// a tenant, and as an operator of the installation in a browser.
import { build } from './build.mjs';
import { say } from './progress.mjs';
import { coverageComplaint, explainedFindings, findingsIn, reportOf, unreadable } from './scan/report.policy.mjs';
import { requireWapiti, scannable, scanWithWapiti } from './scan/attack.mjs';
import { attackStreams } from './scan/streams.mjs';
import { agentFolders, mcpServerFolders } from './workspace.mjs';

async function scan() {
  await requireWapiti();
  const code = await build('Building what changed', [
    'apps/embedded',
    'apps/cli',
    'libs/testing',
    ...agentFolders(),
    ...mcpServerFolders(),
  ]);
  if (code !== 0) return code;
  const target = await scannable();
  try {
    const { url, callers } = target;
    const findings = [];
    for (const caller of callers) {
      findings.push(...findingsIn(await scanWithWapiti(target, caller)));
      findings.push(...(await attackStreams({ url, ...caller })).map((one) => ({ ...one, category: 'Event stream' })));
    }
    const routes = callers.flatMap((caller) => caller.routes.map(({ route }) => route));
    const wanted = routes.filter((route) => !Object.hasOwn(unreadable, route));
    const complaint = (await target.answers())
      ? coverageComplaint(await target.reads(), wanted)
      : 'Pulser did not survive the scan';
    const { lines, failed } = reportOf(findings, explainedFindings);
    process.stdout.write(`${lines.join('\n')}\n`);
    if (complaint !== undefined) throw new Error(complaint);
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
