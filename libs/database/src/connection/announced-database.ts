// How a command finds the database, and the API, of a running Pulser (`npm start`): that process leaves their addresses in its
// data folder.
import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

export const dataFolderEnv = {
  PULSER_DATA_DIR: z.string().default('.pulser/data').describe('Folder of the embedded database and the API key'),
};

const fileIn = (folder: string): string => join(folder, 'database.json');

/** The folder too: a copy of it must not lead to the database of the original. */
const Announced = z.object({ folder: z.string(), url: z.string(), api: z.string().optional() });
type Announced = z.infer<typeof Announced>;

const ownerOnly = 0o600;

/**
 * @param url who connects there is trusted: only the owner of the folder may read it
 * @param api base URL of the API, once it listens
 */
export const announceDatabase = (folder: string, url: string, api?: string): void => {
  const unfinished = `${fileIn(folder)}.unfinished`;
  const announced: Announced = { folder: realpathSync(folder), url, ...(api !== undefined && { api }) };
  writeFileSync(unfinished, JSON.stringify(announced), { mode: ownerOnly });
  renameSync(unfinished, fileIn(folder));
};

export const withdrawDatabase = (folder: string): void => {
  rmSync(fileIn(folder), { force: true });
};

const announcedIn = (folder: string): Announced | undefined => {
  try {
    const announced = Announced.parse(JSON.parse(readFileSync(fileIn(folder), 'utf8')));
    return announced.folder === realpathSync(folder) ? announced : undefined;
  } catch (error) {
    // EACCES must reach the user: the folder is another user's.
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') throw error;
    return undefined;
  }
};

/**
 * URL of the database of the process on this folder. One that was killed leaves an address where nothing listens.
 * @returns undefined when no process left an address
 */
export const announcedDatabase = (folder: string): string | undefined => announcedIn(folder)?.url;

/** Base URL of the API of the process on this folder, as `announcedDatabase`. */
export const announcedApi = (folder: string): string | undefined => announcedIn(folder)?.api;
