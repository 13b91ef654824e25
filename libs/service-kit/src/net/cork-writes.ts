// Batches the writes of a socket.
import { Socket } from 'node:net';

/**
 * Sends everything written to a socket in one turn of the event loop with one system call. For clients that write each
 * message separately: the system calls would cost more than all other work for a message.
 * @param holder keeps the socket as `stream`, even if its types lack it; without one nothing changes
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
  const corkedWrite = (...chunk: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(uncork);
    }
    return write(...chunk);
  };
  socket.write = corkedWrite;
};
