import { once } from 'node:events';
import { createServer } from 'node:net';

/** Tells at once what the HTTP server would only find at the end of the start. @throws the error of `listen` */
export const requireFreeAddress = async (host: string, port: number): Promise<void> => {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
};
