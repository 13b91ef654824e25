import type { Contestant, Machine, Running } from '../load/contestant.js';
import { DebianRoot, type Fsync, RedisServer } from './debian.js';
import { NodePrograms, PeerRun } from './peer.js';

const concurrency = 100;
const finished = 'ZCARD bull:tasks:completed';

/** BullMQ behind Fastify, on a Redis of its own. */
export class BullMq implements Contestant {
  readonly name: string;
  readonly settings: readonly string[];
  private readonly programs = new NodePrograms('bullmq');
  private readonly root = new DebianRoot();

  constructor(private readonly fsync: Fsync) {
    this.name = `bullmq-${fsync}`;
    this.settings = [
      `Redis: appendonly yes, appendfsync ${fsync}, no snapshots, noeviction (docs.bullmq.io/guide/going-to-production)`,
      `one worker, concurrency ${concurrency} (docs.bullmq.io/guide/workers/concurrency)`,
      'ioredis: enableAutoPipelining, so that the commands of concurrent requests travel together (ioredis, README)',
      'completed jobs are kept, as by default, and read by id',
      'Fastify with schemas of request and answer (fastify.dev/docs/latest/Reference/Validation-and-Serialization)',
    ];
  }

  async install(): Promise<void> {
    await this.root.install();
    await this.programs.install();
  }

  start(machine: Machine): Promise<Running> {
    return PeerRun.of(this.name, machine, async (run) => {
      const redis = await RedisServer.start(run, this.root, this.fsync);
      const port = await this.programs.start(run, {
        REDIS_PORT: String(redis.port),
        CONCURRENCY: String(concurrency),
      });
      return { port, finished: () => redis.count(finished) };
    });
  }
}
