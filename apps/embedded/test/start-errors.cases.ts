import { once } from 'node:events';
import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';

import type { Installation } from './installation.js';
import { type Ended, Started, type Variables } from './started.js';

export const startErrors = (installation: Installation): void => {
  describe('what keeps Pulser from starting is said in one line, with its cure', () => {
    const { data } = installation;

    // Whether there are data is part of what these find.
    beforeAll(async () => {
      if (!existsSync(data)) await installation.running();
      await installation.stop();
    }, 360_000);

    const complaint = ({ code, stdout, stderr }: Ended): string => {
      expect(code).toBeGreaterThan(0);
      expect(stdout).toBe('');
      expect(stderr).not.toMatch(/^ +at /m);
      return stderr.trim().split('\n').at(-1) ?? '';
    };

    const refusal = async (place: string, variables?: Variables): Promise<string> =>
      complaint(await new Started(place, variables).ended());

    it('a port that is taken', async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      expect(await refusal(data, { PORT: String(port) })).toBe(
        `Pulser cannot start: port ${port} is in use: stop whatever listens there, or set PORT to a free port (0 picks one)`,
      );
      taken.close();
    });

    it('an address this machine does not have', async () => {
      expect(await refusal(data, { HOST: '192.0.2.1' })).toMatch(/does not have the address to listen on: set HOST/);
    });

    it('a variable with a wrong value', async () => {
      expect(await refusal(data, { PORT: 'eighty' })).toMatch(
        /PORT is "eighty": it must be an integer from 0 to 65535/,
      );
    });

    it('a folder that cannot be written to', async () => {
      writeFileSync(installation.place('file'), '');
      expect(await refusal(installation.place('file/data'))).toMatch(
        /cannot be written to \(ENOTDIR.*set PULSER_DATA_DIR/,
      );
    });

    it('another Pulser on the same data', async () => {
      const first = await installation.running();
      const line = await refusal(data);
      expect(line).toContain(`another Pulser (process ${first.serverPid}) runs on the data in ${data}: stop it first`);
      expect(await first.call('/api/v1/tasks')).toHaveProperty('tasks');
      await first.interrupt();
    });

    it('data of another version of PostgreSQL', async () => {
      writeFileSync(`${data}/postgres/PG_VERSION`, '17\n');
      expect(await refusal(data)).toMatch(/is one of PostgreSQL 17, and this is PostgreSQL 18: set PULSER_DATA_DIR/);
      writeFileSync(`${data}/postgres/PG_VERSION`, '18\n');
    });

    it('data that is damaged', async () => {
      truncateSync(`${data}/postgres/global/pg_control`, 100);
      expect(await refusal(data)).toMatch(/cannot be opened: could not read file .*: restore the folder from a backup/);
    });
  });
};
