import { once } from 'node:events';
import { createServer } from 'node:net';

// Below 32768, where ephemeral ports begin: a service must get its port back after a restart.
const lowest = 20_000;
const highest = 32_000;

/** A port on which nothing listens now. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    const server = createServer();
    const outcome = await Promise.race([
      once(server.listen(port, '127.0.0.1'), 'listening').then(() => true),
      new Promise<boolean>((resolve) =>
        server.once('error', () => {
          resolve(false);
        }),
      ),
    ]).catch(() => false);
    server.close();
    if (outcome) return port;
  }
};
