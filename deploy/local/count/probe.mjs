// Loaded before a service (node --import): writes which files had a function executed between two marks that way.mjs
// makes in COUNT_FOLDER: `start-<round>` and `stop-<round>`. Threads of the service do the same.
import { existsSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import workers, { threadId } from 'node:worker_threads';

const folder = process.env.COUNT_FOLDER;
const everyMs = 20;

if (folder !== undefined) {
  const RealWorker = workers.Worker;
  workers.Worker = class extends RealWorker {
    constructor(file, { execArgv = process.execArgv, env = process.env, ...options } = {}) {
      super(file, {
        ...options,
        execArgv: [...execArgv, '--import', import.meta.url],
        env: typeof env === 'object' ? { ...env, COUNT_FOLDER: folder } : env,
      });
    }
  };
  syncBuiltinESMExports();
  await watch(folder);
}

async function watch(marks) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  let round = 1;
  let running = false;
  const timer = setInterval(async () => {
    if (!running && existsSync(join(marks, `start-${round}`))) {
      running = true;
      await session.post('Profiler.takePreciseCoverage');
    } else if (running && existsSync(join(marks, `stop-${round}`))) {
      running = false;
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const files = result.filter(wasCalled).map(({ url }) => url);
      writeFileSync(join(marks, `files-${round}-${process.pid}-${threadId}.json`), JSON.stringify(files));
      round += 1;
    }
  }, everyMs);
  timer.unref();
}

// After the first taking, only what ran since is reported.
function wasCalled({ url, functions }) {
  return url.startsWith('file:') && functions.some(({ ranges }) => ranges[0].count > 0);
}
