import { messageOf } from '@pulser/service-kit';
import { join } from 'node:path';

import type { Machine, Running, RunningProcess } from '../contestants/contestant.js';
import { type Command, ProcessGroup } from './process-group.js';
import { taskHttp } from './task-http.js';

/** What differs between running peers. */
export interface Peer {
  /** Where its front listens. */
  readonly port: number;
  finished(): Promise<number>;
}

/** Everything that one start of a peer makes; ended as a whole, the last first. */
export class PeerRun {
  private readonly ends: (() => Promise<void>)[] = [];
  private readonly processes: RunningProcess[] = [];

  private constructor(
    readonly peerName: string,
    readonly machine: Machine,
  ) {}

  /** Starts a peer by `assemble`; what that has made is ended when it throws. */
  static async of(peerName: string, machine: Machine, assemble: (run: PeerRun) => Promise<Peer>): Promise<Running> {
    const run = new PeerRun(peerName, machine);
    try {
      const peer = await assemble(run);
      return {
        ...taskHttp(peer.port),
        finished: () => peer.finished(),
        processes: run.processes,
        stop: () => run.stop(),
      };
    } catch (error) {
      // What could not be ended after that says less.
      await run.stop().catch(() => undefined);
      throw error;
    }
  }

  async start(name: string, command: Omit<Command, 'logFile'>): Promise<void> {
    const logFile = join(this.machine.folder, `${this.peerName}-${name}.log`);
    const group = await ProcessGroup.start({ ...command, logFile });
    this.atEnd(() => group.stop());
    this.processes.push({ name, pid: group.pid });
  }

  atEnd(end: () => Promise<void>): void {
    this.ends.push(end);
  }

  private async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.ends.splice(0).reverse()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new Error(`${this.peerName}: ${failures.map(messageOf).join('; ')}`);
  }
}
