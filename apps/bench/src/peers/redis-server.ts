import { once } from 'node:events';
import { connect } from 'node:net';

import { freePort } from '@pulser/harness';

import type { DebianRoot } from './debian-root.js';
import type { PeerRun } from './peer-run.js';

/** When Redis brings its log to the disk: before it answers, or once a second. */
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
