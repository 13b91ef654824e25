// The files of a build, packed: only what lies inside the allowed root, without what .dockerignore leaves out.
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import balena from '@balena/dockerignore';
import { ToolError } from '@pulser/mcp-server-kit';
import { type Pack, pack } from 'tar-stream';

// Its types describe a module of another format than the one it is.
const dockerignore = balena as unknown as typeof balena.default;

const maxFiles = 20_000;
const maxBytes = 512 * 1_048_576;

/** A file, folder or link below the context; its path has slashes and no leading one. */
interface Entry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly size: number;
  readonly mode: number;
  readonly mtime: Date;
}

const isInside = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

const refuse = (what: string): ToolError => new ToolError('refused', `${what} leads out of DOCKER_BUILD_ROOT`);

const realOf = async (path: string, what: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    throw new ToolError('not_found', `${what} does not exist`, { cause: error });
  }
};

/**
 * The folder of a context. @param path relative to the root
 * @throws ToolError refused where the path or a link in it leads out of the root
 */
export const contextFolder = async (root: string, path: string): Promise<string> => {
  const realRoot = await realOf(root, 'DOCKER_BUILD_ROOT');
  const wanted = resolve(realRoot, path);
  if (!isInside(realRoot, wanted)) throw refuse(path);
  const folder = await realOf(wanted, path);
  if (!isInside(realRoot, folder)) throw refuse(path);
  if (!(await lstat(folder)).isDirectory()) throw new ToolError('invalid_args', `${path} is no folder`);
  return folder;
};

// Not through a link, which could have taken the place of a file since it was looked at.
const openFile = (path: string): Promise<FileHandle> => open(path, constants.O_RDONLY | constants.O_NOFOLLOW);

const ignoreFile = '.dockerignore';

const readIgnored = async (folder: string): Promise<string> => {
  try {
    return await readFile(join(folder, ignoreFile), {
      encoding: 'utf8',
      flag: constants.O_RDONLY | constants.O_NOFOLLOW,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new ToolError('refused', `${ignoreFile} cannot be read: it may be no link`, { cause: error });
  }
};

// The engine needs these two, whatever the file says; it leaves them out of the image itself.
const kept = (path: string, dockerfile: string): boolean => path === dockerfile || path === ignoreFile;

const entryOf = async (folder: string, path: string): Promise<Entry | undefined> => {
  const { mode, mtime, size, ...stats } = await lstat(join(folder, path)).then((found) => ({
    ...{ mode: found.mode & 0o7777, mtime: found.mtime, size: found.size },
    ...{ isFile: found.isFile(), isFolder: found.isDirectory(), isLink: found.isSymbolicLink() },
  }));
  // Sockets and devices have no content.
  const kind = stats.isFile ? 'file' : stats.isFolder ? 'folder' : stats.isLink ? 'link' : undefined;
  return kind && { path, kind, mode, mtime, size: kind === 'file' ? size : 0 };
};

async function* walk(folder: string, below = ''): AsyncGenerator<Entry> {
  const names = (await readdir(join(folder, below))).toSorted();
  for (const name of names) {
    const entry = await entryOf(folder, below === '' ? name : `${below}/${name}`);
    if (entry === undefined) continue;
    yield entry;
    // What is ignored is read too: a later line of .dockerignore may take a part of it back.
    if (entry.kind === 'folder') yield* walk(folder, entry.path);
  }
}

const limited = (entries: readonly Entry[]): readonly Entry[] => {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (entries.length > maxFiles || bytes > maxBytes)
    throw new ToolError(
      'invalid_args',
      `The context has ${entries.length} files of ${bytes} bytes; .dockerignore leaves files out`,
    );
  return entries;
};

/** Every entry that goes to the engine. @throws ToolError invalid_args when there are too many */
const entriesOf = async (folder: string, dockerfile: string): Promise<readonly Entry[]> => {
  const filter = dockerignore({ ignorecase: false })
    .add(await readIgnored(folder))
    .createFilter();
  const entries: Entry[] = [];
  for await (const entry of walk(folder)) if (kept(entry.path, dockerfile) || filter(entry.path)) entries.push(entry);
  return limited(entries);
};

// The engine follows links inside of the context only; one that leads out of the root is more likely an attack than a use.
const linkTarget = async (root: string, folder: string, path: string): Promise<string> => {
  const link = join(folder, path);
  const target = await readlink(link);
  if (!isInside(root, resolve(dirname(link), target))) throw refuse(path);
  return target;
};

const addFile = async (archive: Pack, folder: string, { path, mode, mtime }: Entry): Promise<void> => {
  const file = await openFile(join(folder, path));
  try {
    // Its size now: a file that grows or shrinks while it is read is an error of the archive.
    const { size } = await file.stat();
    const entry = archive.entry({ name: path, size, mode, mtime });
    await pipeline(file.createReadStream({ end: Math.max(size - 1, 0), autoClose: false }), entry);
  } finally {
    await file.close();
  }
};

const addEntry = (archive: Pack, header: Parameters<Pack['entry']>[0]): void => {
  archive.entry(header, '');
};

const fill = async (archive: Pack, root: string, folder: string, entries: readonly Entry[]): Promise<void> => {
  for (const entry of entries) {
    const { path: name, mode, mtime } = entry;
    if (entry.kind === 'file') await addFile(archive, folder, entry);
    else if (entry.kind === 'folder') addEntry(archive, { name: `${name}/`, type: 'directory', mode, mtime });
    else addEntry(archive, { name, type: 'symlink', linkname: await linkTarget(root, folder, name), mode, mtime });
  }
  archive.finalize();
};

export interface BuildContext {
  /** A tar archive. */
  readonly archive: Readable;
  readonly files: number;
  readonly bytes: number;
}

/**
 * The files of a folder as an archive.
 * @param dockerfile its path in the folder
 * @throws ToolError refused for links that lead out of the root; not_found without a Dockerfile
 */
export const packContext = async (root: string, folder: string, dockerfile: string): Promise<BuildContext> => {
  const realRoot = await realpath(root);
  const entries = await entriesOf(folder, dockerfile);
  if (!entries.some(({ path, kind }) => path === dockerfile && kind === 'file'))
    throw new ToolError('not_found', `The context has no file ${dockerfile}`);
  for (const { kind, path } of entries) if (kind === 'link') await linkTarget(realRoot, folder, path);
  const archive = pack();
  fill(archive, realRoot, folder, entries).catch((error: unknown) => {
    archive.destroy(error as Error);
  });
  const files = entries.filter(({ kind }) => kind === 'file');
  return {
    archive: Readable.from(archive),
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
  };
};
