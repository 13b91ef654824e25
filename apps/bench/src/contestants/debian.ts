// Peers that come from Debian: a root filesystem of their own, and a Redis in it.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { freePort, runScript } from '@pulser/harness';
import { z } from 'zod';

import type { PeerRun } from './peer.js';

const Debian = z.object({
  /** Path of the peers' programs and data, outside of the root filesystem and inside. */
  folder: z.string(),
  inside: z.string(),
  /** Prefix of every command that runs in it. */
  argv: z.tuple([z.string()], z.string()),
  env: z.record(z.string(), z.string()),
  /** The account that commands run as. */
  uid: z.number(),
  gid: z.number(),
});
type Debian = z.infer<typeof Debian>;

/** The Debian root filesystem of the peers: its programs run as processes of this machine, on its ports. */
export class DebianRoot {
  private debian: Debian | undefined;

  /** @throws Unavailable when this machine cannot provide one */
  async install(): Promise<void> {
    this.debian ??= Debian.parse(JSON.parse(await runScript('peers.mjs', ['debian'])));
  }

  /** Path of a file of `apps/bench/peers` as the programs see it. */
  program(path: string): string {
    return join(this.installed.inside, 'programs', path);
  }

  async start(
    run: PeerRun,
    name: string,
    command: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { argv, env, folder } = this.installed;
    await run.start(name, { argv: [...argv, ...command], folder, variables: { ...env, ...variables } });
  }

  /** An empty folder for data, until the end of the run. @returns its path as the programs see it */
  async dataFolder(run: PeerRun): Promise<string> {
    const { folder, inside, uid, gid } = this.installed;
    const name = `data-${randomBytes(4).toString('hex')}`;
    await mkdir(join(folder, name));
    await chown(join(folder, name), uid, gid);
    run.atEnd(() => rm(join(folder, name), { recursive: true, force: true }));
    return join(inside, name);
  }

  private get installed(): Debian {
    if (this.debian === undefined) throw new Error('the root filesystem of the peers is not installed');
    return this.debian;
  }
}

/** When Redis syncs its log to disk: before it answers, or once per second. */
export type Fsync = 'always' | 'everysec';

/** An empty Redis, for one run of a peer. */
export class RedisServer {
  private constructor(readonly port: number) {}

  static async start(run: PeerRun, root: DebianRoot, fsync: Fsync): Promise<RedisServer> {
    const port = await freePort();
    const settings = {
      port,
      bind: '127.0.0.1',
      dir: await root.dataFolder(run),
      appendonly: 'yes',
      appendfsync: fsync,
      save: '',
      'maxmemory-policy': 'noeviction',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    await root.start(run, 'redis', ['redis-server', ...options]);
    return new RedisServer(port);
  }

  /** @param command one that answers with a number @throws when it answers with anything else */
  async count(command: string): Promise<number> {
    const socket = connect(this.port, '127.0.0.1');
    try {
      socket.write(`${command}\r\n`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      const found = /^:(\d+)\r\n$/.exec(answer.toString())?.[1];
      if (found === undefined) throw new Error(`Redis answered ${command} with ${answer.toString().trim()}`);
      return Number(found);
    } finally {
      socket.destroy();
    }
  }
}
