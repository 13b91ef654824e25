import { Socket } from 'node:net';

import type { ChannelModel } from 'amqplib';

/**
 * Lets all frames of one turn of the event loop go to the kernel in one call: amqplib writes each message by itself, and
 * the calls would cost more than everything else that is done for a message.
 */
export const gatherWrites = ({ connection }: ChannelModel): void => {
  // amqplib's types leave the socket out; without it messages go one by one.
  const socket = 'stream' in connection ? connection.stream : undefined;
  if (!(socket instanceof Socket)) return;
  const write = socket.write.bind(socket) as (...chunk: unknown[]) => boolean;
  let corked = false;
  const uncork = (): void => {
    corked = false;
    socket.uncork();
  };
  const gathered = (...chunk: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(uncork);
    }
    return write(...chunk);
  };
  socket.write = gathered;
};
