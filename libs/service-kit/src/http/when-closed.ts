import type { ServerResponse } from 'node:http';

type Callback = () => void;

const waiting = new WeakMap<ServerResponse, Callback[]>();

/**
 * Calls back once when an answer was sent or its client went away. All who wait share one listener: with those that Nest and
 * Fastify add to a streamed answer, one for each would be more than the ten that Node takes for a leak.
 */
export const whenClosed = (answer: ServerResponse, callback: Callback): void => {
  const known = waiting.get(answer);
  if (known !== undefined) {
    known.push(callback);
    return;
  }
  const callbacks = [callback];
  waiting.set(answer, callbacks);
  answer.once('close', () => {
    for (const call of callbacks) call();
  });
};
