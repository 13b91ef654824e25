import { parentPort } from 'node:worker_threads';

import type { FromThread, ToThread } from '../thread-message.js';
import { ThreadAttempt } from './thread-attempt.js';

if (parentPort === null) throw new Error('This module is the entry of a thread');
const port = parentPort;

const post = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void => {
  port.postMessage(message, transfer);
};

let current: ThreadAttempt | undefined;

port.on('message', (message: ToThread) => {
  if (message.kind === 'run') {
    current = new ThreadAttempt(message.run, message.task, post);
    void current.run();
  } else if (message.run === current?.number) {
    current.take(message);
  }
});
