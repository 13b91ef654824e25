/** State of a socket that listens, in the tables of the kernel (include/net/tcp_states.h). */
const listening = '0A';

/** Which socket listens to a port, by /proc/net/tcp (proc_net(5)). */
export const listeningInode = (table: string, port: number): string | undefined => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of table.split('\n')) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === listening && local?.endsWith(`:${hex}`) === true) return inode;
  }
  return undefined;
};
