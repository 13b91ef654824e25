// The folders in which the data of tasks lies for the sandboxes: private, short-lived, and removed by the next start when
// their worker was killed.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'pulser-query-';

// Machines and containers may share a folder for temporary files, and know nothing of each other's processes.
const ownHost = hostname().replaceAll(/[^\w]/g, '_');

const name = /^pulser-query-(?:(?<host>\w+)-(?<pid>\d+)-)?\w{6}$/;

/** No task runs as long, in milliseconds: what is older belongs to none. */
const maxAgeMs = 2 * 86_400_000;

/** A folder that only this user can read. */
export const makeStagingFolder = (): Promise<string> => mkdtemp(join(tmpdir(), `${prefix}${ownHost}-${process.pid}-`));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    return Reflect.get(Object(error) as object, 'code') === 'EPERM';
  }
};

/** A folder of temporary files, as its name and its time describe it. */
export interface StagingFolder {
  readonly name: string;
  /** Milliseconds since 1970 of its last change. */
  readonly changedAt: number;
}

/** Whether the process that made it is gone: also an earlier one with the number of this one, as in a container. */
export const isAbandoned = ({ name: folder, changedAt }: StagingFolder, now = Date.now()): boolean => {
  const { host, pid } = name.exec(folder)?.groups ?? {};
  if (now - changedAt > maxAgeMs) return true;
  if (host !== ownHost) return false;
  return Number(pid) === process.pid ? changedAt < now - process.uptime() * 1_000 : !isAlive(Number(pid));
};

/** Removes what killed workers left. Never rejects: what cannot be removed is left to the next start. */
export const removeAbandonedFolders = async (): Promise<void> => {
  const folders = (await readdir(tmpdir()).catch(() => [])).filter((folder) => name.test(folder));
  await Promise.allSettled(
    folders.map(async (folder) => {
      const path = join(tmpdir(), folder);
      const { mtimeMs } = await stat(path);
      if (isAbandoned({ name: folder, changedAt: mtimeMs })) await rm(path, { recursive: true, force: true });
    }),
  );
};
