import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { whenClosed } from './when-closed.js';

describe('the end of an answer', () => {
  it('is told to all who wait for it, in their order, by one listener', () => {
    const answer = new ServerResponse(new IncomingMessage(new Socket()));
    const told: number[] = [];
    for (let n = 0; n < 20; n += 1) whenClosed(answer, () => told.push(n));
    expect(answer.listenerCount('close')).toBe(1);
    answer.emit('close');
    answer.emit('close');
    expect(told).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});
