import { nodeComplaint } from './lifecycle/node-version.policy.js';

const complaint = nodeComplaint(process.versions.node);
if (complaint !== undefined) {
  process.stderr.write(`${complaint}\n`);
  process.exit(1);
}
// Loaded only now: an older Node fails on these imports, before it could print the line above.
const { EmbeddedProcess } = await import('./lifecycle/embedded-process.js');
await new EmbeddedProcess().run();
