import { runService } from '../../src/bootstrap/service.js';
import { Gate } from '../sample/gate.js';
import { sampleService } from '../sample/sample.service.js';

const gate = new Gate();
await runService(sampleService(gate));

// What a test can have happen here, by a message to the process.
process.on('message', (wish) => {
  if (wish === 'open') gate.open();
  if (wish === 'reject') void Promise.reject(new Error('forgotten'));
  if (wish === 'throw') {
    setImmediate(() => {
      throw new Error('thrown');
    });
  }
});
