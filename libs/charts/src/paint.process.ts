import type { Picture } from './frame.policy.js';
import { paint } from './paint.js';

// Entry of the painter's process, loaded by Node directly: npm packages and relative files only.

process.on('message', ({ id, picture }: { id: number; picture: Picture }) => {
  try {
    process.send?.({ id, drawing: paint(picture) });
  } catch (error) {
    process.send?.({ id, error });
  }
});

// A Ctrl-C reaches the whole process group. The agent waits for its tasks before it exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

// The agent has ended.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
