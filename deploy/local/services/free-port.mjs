import { createServer } from 'node:net';

// Below 32768, where ephemeral ports begin: above, a reconnecting client can be given the port of a server that is
// being restarted, and the server then cannot have it back.
const lowest = 20_000;
const highest = 32_000;

/** A port of the loopback interface on which nothing listens and that is not among `taken`. */
export async function freePort(taken = []) {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
}

/** Whether a server could listen on this port now, on loopback and on all interfaces. */
export const isFree = async (port) => (await canListen(port, '127.0.0.1')) && (await canListen(port, '0.0.0.0'));

const canListen = (port, host) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
