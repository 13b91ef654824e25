// promtool and amtool, which check rules and routes: of the machine, or from Debian's packages, which are unpacked and not
// installed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from '../local/lock.mjs';
import { lastLines, runCommand } from '../local/run-command.mjs';
import { stateFolder } from '../local/workspace.mjs';

const packages = { promtool: 'prometheus', amtool: 'prometheus-alertmanager' };

const folderOf = (tool) => join(stateFolder, tool);
const unpackedTo = (tool) => join(folderOf(tool), 'root/usr/bin', tool);

const onPath = (tool) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((place) => join(place, tool))
    .find((file) => existsSync(file));

async function apt(command, args, options) {
  const { code, stderr } = await runCommand(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${lastLines(stderr, 3)}`);
}

/** Downloads the package and unpacks it: its scripts would start a server. Takes apt, and root when apt knows no packages yet. */
async function unpack(tool) {
  const folder = folderOf(tool);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const download = () => apt('apt-get', ['download', packages[tool]], { cwd: folder });
  await download().catch(async () => {
    await apt('apt-get', ['update']);
    await download();
  });
  const [deb] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  await apt('dpkg-deb', ['-x', join(folder, deb), join(folder, 'unpacking')]);
  renameSync(join(folder, 'unpacking'), join(folder, 'root'));
}

/**
 * Where a tool is: `{ path }`, or `{ reason }` when there is none.
 * @param {'promtool' | 'amtool'} tool
 * @throws when there is none and `CI=true`: there it would go unnoticed
 */
export async function findTool(tool) {
  const unpacked = unpackedTo(tool);
  const variable = tool.toUpperCase();
  const there = [process.env[variable], onPath(tool), unpacked].find((path) => path !== undefined && existsSync(path));
  if (there !== undefined) return { path: there };
  try {
    await withLock(join(stateFolder, `${tool}.lock`), async () => {
      if (!existsSync(unpacked)) await unpack(tool);
    });
    return { path: unpacked };
  } catch (error) {
    const reason = `no ${tool} on the PATH or in ${variable}, and apt did not bring it (${error.message})`;
    if (process.env.CI === 'true') throw new Error(`The alerts cannot be tested: ${reason}`);
    return { reason };
  }
}
