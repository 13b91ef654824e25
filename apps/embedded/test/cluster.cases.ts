import { cpSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';

import { EmbeddedDatabase } from '../src/database/embedded-database.js';
import { openPools, sql } from './pools.js';
import { TemporaryFolder } from './temporary-folder.js';

const ignored = (): void => undefined;

const openAndClose = async (folder: TemporaryFolder): Promise<void> => {
  await (await EmbeddedDatabase.open(folder.path, ignored)).close();
};

const refusal = async (folder: TemporaryFolder): Promise<string> => {
  const error: unknown = await EmbeddedDatabase.open(folder.path, ignored).catch((cause: unknown) => cause);
  return error instanceof Error ? error.message : 'opened';
};

/** @param original files that the database made, closed */
export const clusterFiles = (original: TemporaryFolder): void => {
  describe('the files of the embedded database', () => {
    const created = (): TemporaryFolder => {
      const folder = new TemporaryFolder();
      cpSync(original.path, folder.path, { recursive: true });
      return folder;
    };

    it('can be read by their owner alone', () => {
      expect(statSync(original.place('postgres')).mode & 0o777).toBe(0o700);
    });

    it('are made anew when a process died while it made them', async () => {
      using folder = created();
      renameSync(folder.place('postgres'), folder.place('postgres.unfinished'));
      rmSync(folder.place('postgres.unfinished/global'), { recursive: true });

      await openAndClose(folder);
    });

    it('are not touched when another PostgreSQL made them', async () => {
      using folder = created();
      writeFileSync(folder.place('postgres/PG_VERSION'), '17\n');
      expect(await refusal(folder)).toMatch(/is one of PostgreSQL 17, and this is PostgreSQL 18$/);
    });

    it('are not overwritten when they do not say their version', async () => {
      using folder = created();
      rmSync(folder.place('postgres/PG_VERSION'));
      expect(await refusal(folder)).toMatch(/cannot be opened: the file PG_VERSION is missing$/);
    });

    it('do not mix with those of a PostgreSQL server', async () => {
      using folder = new TemporaryFolder();
      writeFileSync(folder.place('PG_VERSION'), '18\n');
      expect(await refusal(folder)).toMatch(/is the data directory of a PostgreSQL server$/);
    });

    it('say in the words of PostgreSQL what is wrong with them', async () => {
      using folder = created();
      truncateSync(folder.place('postgres/global/pg_control'), 100);
      expect(await refusal(folder)).toMatch(/cannot be opened: could not read file "global\/pg_control": read 100 of/);
    });

    it('end the database when they cannot be written to any more', async () => {
      using folder = created();
      const reasons: string[] = [];
      const database = await EmbeddedDatabase.open(folder.path, (reason) => reasons.push(reason));
      const [pool] = await openPools(database.url, 1);
      rmSync(folder.place('postgres/pg_wal'), { recursive: true });

      await expect(pool?.query(sql('select pg_switch_wal()'))).rejects.toThrow();

      expect(reasons[0]).toMatch(/pg_wal/);
      await pool?.close();
      await database.close();
    });
  });
};
