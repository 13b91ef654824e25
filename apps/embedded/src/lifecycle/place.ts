// What a start takes of the machine before anything else: a data folder that no other process uses, and a port.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { DataFolder } from '../data-folder/data-folder.js';
import type { EmbeddedEnv } from '../embedded.env.js';

export interface Place {
  /** Locked until it is closed. */
  readonly folder: DataFolder;
  readonly port: number;
}

/** @throws the error that keeps Pulser from starting here */
export const takePlace = async ({ PULSER_DATA_DIR, HOST, PORT }: EmbeddedEnv): Promise<Place> => {
  const folder = DataFolder.open(PULSER_DATA_DIR);
  try {
    return { folder, port: await freePort(HOST, PORT) };
  } catch (error) {
    folder.close();
    throw error;
  }
};

/** Fails at once where the HTTP server would only fail at the end of the start. @throws the error of `listen` */
const freePort = async (host: string, wanted: number): Promise<number> => {
  const server = createServer().listen(wanted, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
