import { fsyncSync } from 'node:fs';

import { NodeFS } from '@electric-sql/pglite/nodefs';

type Options = Awaited<ReturnType<NodeFS['init']>>['emscriptenOpts'];

/** The part of Emscripten's file system that keeps files on the real one; its own types do not tell it. */
interface RealFiles {
  readonly FS: {
    readonly filesystems: { readonly NODEFS: { readonly stream_ops: { fsync?: (file: { nfd: number }) => number } } };
  };
}

const emscriptenInputOutputError = 29;

const fsync = ({ nfd }: { nfd: number }): number => {
  try {
    fsyncSync(nfd);
    return 0;
  } catch {
    return emscriptenInputOutputError;
  }
};

const makeDurable = (module: unknown): void => {
  (module as RealFiles).FS.filesystems.NODEFS.stream_ops.fsync = fsync;
};

/** PGlite's files on disk, with an fsync that reaches the disk: NodeFS's own answers without doing anything. */
export class DurableFiles extends NodeFS {
  /** @param onAbort called when PostgreSQL ends in a panic: what it holds in memory must not be used any more */
  constructor(
    folder: string,
    private readonly onAbort: () => void,
  ) {
    super(folder);
  }

  override async init(...args: Parameters<NodeFS['init']>): Promise<{ emscriptenOpts: Options }> {
    const { emscriptenOpts } = await super.init(...args);
    const preRun = [...(emscriptenOpts.preRun ?? []), makeDurable];
    return { emscriptenOpts: { ...emscriptenOpts, preRun, onAbort: this.onAbort } };
  }
}
