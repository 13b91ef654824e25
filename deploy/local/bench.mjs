// What `npm run bench` runs: measures Pulser beside others, on servers of its own.
import { runHarness } from './run-harness.mjs';

await runHarness('apps/bench', ['apps/gateway', 'apps/router', 'apps/embedded']);
