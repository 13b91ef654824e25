import { parentPort } from 'node:worker_threads';

import { paint } from './paint.js';
import type { Picture } from './picture.js';

parentPort?.on('message', ({ id, picture }: { id: number; picture: Picture }) => {
  try {
    parentPort?.postMessage({ id, drawing: paint(picture) });
  } catch (error) {
    parentPort?.postMessage({ id, error });
  }
});
