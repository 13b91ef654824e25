/* Evaluates expressions in a thread, which is ended when one takes too long. */
import { parentPort, workerData } from 'node:worker_threads';

import { evaluated, type Item, type Scope } from './evaluation.js';

interface Request {
  readonly id: number;
  readonly template: unknown;
  readonly scope: Scope;
  readonly items: readonly Item[] | undefined;
}

/** Counts expressions: the owner looks whether it still moves. */
const progress = new Int32Array(workerData as SharedArrayBuffer);

parentPort?.on('message', ({ id, template, scope, items }: Request) => {
  const answers = evaluated(template, scope, items, () => {
    Atomics.add(progress, 0, 1);
  });
  parentPort?.postMessage({ id, answers });
});
parentPort?.postMessage('ready');
