// What `npm run chaos` runs: breaks Pulser's processes and servers of its own.
import { runHarness } from './run-harness.mjs';

await runHarness('apps/chaos', ['apps/gateway', 'apps/router']);
