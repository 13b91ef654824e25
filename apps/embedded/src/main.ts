import { nodeComplaint } from './lifecycle/node-version.policy.js';

const complaint = nodeComplaint(process.versions.node);
if (complaint !== undefined) {
  process.stderr.write(`${complaint}\n`);
  process.exit(1);
}
// Loaded only now: an older Node would fail on what it imports before it could say why.
const { EmbeddedProcess } = await import('./lifecycle/embedded-process.js');
await new EmbeddedProcess().run();
