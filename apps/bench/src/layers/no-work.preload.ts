// Loaded before embedded mode with `node --import`: its agent takes queries as ever, and does nothing for them.
import { readOperation } from './read-operation.js';

Object.assign(await readOperation('@pulser/skill-analytics', 'analytics', 'query'), {
  inline: true,
  handle: () => Promise.resolve({}),
});
