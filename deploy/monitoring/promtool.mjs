// promtool, which checks and tests rules: of the machine, or from Debian's package `prometheus`, which is unpacked and not installed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from '../local/lock.mjs';
import { lastLines, runCommand } from '../local/run-command.mjs';
import { stateFolder } from '../local/workspace.mjs';

const folder = join(stateFolder, 'promtool');
const unpacked = join(folder, 'root/usr/bin/promtool');

const onPath = () =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((place) => join(place, 'promtool'))
    .find((file) => existsSync(file));

async function apt(command, args, options) {
  const { code, stderr } = await runCommand(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${lastLines(stderr, 3)}`);
}

/** Downloads the package and unpacks it: its scripts would start a server. Takes apt, and root when apt knows no packages yet. */
async function unpack() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const download = () => apt('apt-get', ['download', 'prometheus'], { cwd: folder });
  await download().catch(async () => {
    await apt('apt-get', ['update']);
    await download();
  });
  const [deb] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  await apt('dpkg-deb', ['-x', join(folder, deb), join(folder, 'unpacking')]);
  renameSync(join(folder, 'unpacking'), join(folder, 'root'));
}

/**
 * Where promtool is: `{ path }`, or `{ reason }` when there is none.
 * @throws when there is none and `CI=true`: there it would go unnoticed
 */
export async function findPromtool() {
  const there = [process.env.PROMTOOL, onPath(), unpacked].find((path) => path !== undefined && existsSync(path));
  if (there !== undefined) return { path: there };
  try {
    await withLock(join(stateFolder, 'promtool.lock'), async () => {
      if (!existsSync(unpacked)) await unpack();
    });
    return { path: unpacked };
  } catch (error) {
    const reason = `no promtool on the PATH or in PROMTOOL, and apt did not bring it (${error.message})`;
    if (process.env.CI === 'true') throw new Error(`The alert rules cannot be tested: ${reason}`);
    return { reason };
  }
}
