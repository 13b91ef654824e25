import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rmdir, utimes } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { isAbandoned, makeStagingFolder, removeAbandonedFolders } from '../src/sources/staging.js';

const host = hostname().replaceAll(/[^\w]/g, '_');
const deadPid = spawnSync(process.execPath, ['--version']).pid;
const now = Date.now();
const minute = 60_000;
const day = 1_440 * minute;

describe('a folder with the data of a task', () => {
  it.each([
    ['of this process', `pulser-query-${host}-${process.pid}-abc123`, now, false],
    ['of an earlier process with the same number', `pulser-query-${host}-${process.pid}-abc123`, now - day, true],
    ['of a process that lives', `pulser-query-${host}-${process.ppid}-abc123`, now - day, false],
    ['of a process that was killed', `pulser-query-${host}-${deadPid}-abc123`, now, true],
    ['of another machine', `pulser-query-elsewhere-${deadPid}-abc123`, now - day, false],
    ['that is days old', `pulser-query-elsewhere-${deadPid}-abc123`, now - 3 * day, true],
    ['of an older version', 'pulser-query-abc123', now - minute, false],
    ['of an older version that is days old', 'pulser-query-abc123', now - 3 * day, true],
  ])('%s', (_case, name, changedAt, abandoned) => {
    expect(isAbandoned({ name, changedAt }, now)).toBe(abandoned);
  });

  it('is removed by the next start, when its worker was killed', async () => {
    const own = await makeStagingFolder();
    const left = await mkdtemp(join(tmpdir(), `pulser-query-${host}-${deadPid}-`));
    const old = join(tmpdir(), 'pulser-query-old123');
    await mkdir(old, { recursive: true });
    await utimes(old, 1, 1);
    const other = await mkdtemp(join(tmpdir(), 'pulser-queries-'));
    await removeAbandonedFolders();
    const names = await readdir(tmpdir());
    const remain = [own, left, old, other].map((path) => names.some((name) => path.endsWith(name)));
    await Promise.all([own, other].map((path) => rmdir(path)));
    expect(remain).toEqual([true, false, false, true]);
  });
});
