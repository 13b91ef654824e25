import { parentPort } from 'node:worker_threads';

import type { Post, ToThread } from '../thread-protocol.js';
import { ThreadAttempt } from './thread-attempt.js';

if (parentPort === null) throw new Error('This module is the entry of a thread');
const port = parentPort;

const post: Post = (message, transfer = []) => {
  port.postMessage(message, transfer);
};

let current: ThreadAttempt | undefined;

port.on('message', (message: ToThread) => {
  if (message.kind === 'run') {
    current = new ThreadAttempt(message, post);
    void current.run();
  } else if (message.run === current?.number) {
    current.take(message);
  }
});
