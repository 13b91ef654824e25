import { brokerContract } from './broker.contract.js';
import { inProcessWorld } from './in-process-world.js';

describe('the in-process broker', () => {
  brokerContract(() => Promise.resolve(inProcessWorld()));
});
