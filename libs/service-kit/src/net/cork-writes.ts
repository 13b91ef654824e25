import { Socket } from 'node:net';

/**
 * Lets all that is written to a socket in one turn of the event loop go to the kernel in one call. For clients that write
 * each message by itself: the calls would cost more than everything else that is done for a message.
 * @param holder keeps the socket as `stream`, though its types may not say so; without one nothing changes
 */
export const corkWrites = (holder: object): void => {
  const socket = 'stream' in holder ? holder.stream : undefined;
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
