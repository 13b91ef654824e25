// kustomize, which renders overlays: of the machine, or from Debian's package `kustomize`, which is unpacked and not installed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from '../local/lock.mjs';
import { lastLines, runCommand } from '../local/run-command.mjs';
import { aptMirror, fallbackSuite } from '../local/services/debian.mjs';
import { stateFolder } from '../local/workspace.mjs';

const folder = join(stateFolder, 'kustomize');
const unpacked = join(folder, 'root/usr/bin/kustomize');

const onPath = (program) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((place) => join(place, program))
    .find((file) => existsSync(file));

/** Whether this kubectl has a kustomize that knows components and `labels`: 5 or later. */
async function knowsComponents(kubectl) {
  const { code, stdout } = await runCommand(kubectl, ['version', '--client', '-o', 'json']);
  return code === 0 && /"kustomizeVersion": "v(?:[5-9]|\d\d)/.test(stdout);
}

/** The command before the folder of an overlay, or undefined when the machine has none. */
async function ofTheMachine() {
  const kustomize = [process.env.KUSTOMIZE, onPath('kustomize'), unpacked].find((path) => path && existsSync(path));
  if (kustomize !== undefined) return [kustomize, 'build'];
  const kubectl = onPath('kubectl');
  return kubectl !== undefined && (await knowsComponents(kubectl)) ? [kubectl, 'kustomize'] : undefined;
}

async function apt(command, args) {
  const { code, stderr } = await runCommand(command, args, { cwd: folder });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${lastLines(stderr, 3)}`);
}

/** Downloads the package of a suite that has it, whichever suite the machine is, with lists of its own. */
async function unpack() {
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['lists/partial', 'unpacking']) mkdirSync(join(folder, part), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${keyring}] ${aptMirror()} ${fallbackSuite} main\n`);
  const own = [
    `Dir::Etc::sourcelist=${folder}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${folder}/lists`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
  ].flatMap((option) => ['-o', option]);
  await apt('apt-get', [...own, 'update']);
  await apt('apt-get', [...own, 'download', 'kustomize']);
  const [deb] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  await apt('dpkg-deb', ['-x', join(folder, deb), join(folder, 'unpacking')]);
  renameSync(join(folder, 'unpacking'), join(folder, 'root'));
  rmSync(join(folder, 'lists'), { recursive: true });
}

/**
 * How an overlay is rendered: `{ command }`, to which its folder is added, or `{ reason }` when there is none.
 * @throws when there is none and `CI=true`: there it would go unnoticed
 */
export async function findKustomize() {
  const found = await ofTheMachine();
  if (found !== undefined) return { command: found };
  try {
    await withLock(join(stateFolder, 'kustomize.lock'), async () => {
      if (!existsSync(unpacked)) await unpack();
    });
    return { command: [unpacked, 'build'] };
  } catch (error) {
    const reason = `no kustomize 5 on the PATH or in KUSTOMIZE, and apt did not bring it (${error.message})`;
    if (process.env.CI === 'true') throw new Error(`The overlays cannot be checked: ${reason}`);
    return { reason };
  }
}

/** The manifests of an overlay, one YAML document each. @throws when kustomize refuses it */
export async function render([program, ...args], overlay) {
  const { code, stdout, stderr } = await runCommand(program, [...args, overlay]);
  if (code !== 0) throw new Error(`${overlay}: ${lastLines(stderr, 5)}`);
  return stdout;
}
