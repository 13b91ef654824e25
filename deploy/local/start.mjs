// What `npm start` runs: builds what changed, then all of Pulser in one process, which gets every signal meant for it.
import { say } from './progress.mjs';
import { buildEmbedded, runServer } from './start-server.mjs';

try {
  process.exitCode = (await buildEmbedded()) || (await runServer());
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
