// The storm of a run: which faults there are, and when they are injected.
import { setTimeout as wait } from 'node:timers/promises';

import { type Random, Unavailable } from '@pulser/harness';

import {
  brokerKill,
  brokerRestart,
  brokerWipe,
  exchangeDeleted,
  memoryAlarm,
  queueDeleted,
} from '../faults/broker.fault.js';
import { CrashPoints } from '../faults/crash-point.fault.js';
import { backendsTerminated, databaseKill, databaseRestart, diskFull } from '../faults/database.fault.js';
import {
  type BacklogKey,
  type Fault,
  type FaultName,
  type Injected,
  type Injection,
  isKill,
  type World,
} from '../faults/fault.js';
import { duplicateDispatches, duplicateSubmissions, malformedMessages } from '../faults/messages.fault.js';
import { blackHole, connectionReset, halfBlackHole, latency, slowClose } from '../faults/network.fault.js';
import {
  blink,
  blockedEventLoop,
  clockAnHourOff,
  freeze,
  kill,
  killAll,
  rollingRestart,
} from '../faults/process.fault.js';
import { killToolServer } from '../faults/tool-server.fault.js';

/** Every fault by its name. */
const catalogue = {
  'kill-gateway': kill('gateway'),
  'kill-router': kill('router'),
  'kill-health': kill('health'),
  'kill-worker': kill('worker'),
  'kill-agent': kill('agent'),
  'kill-conductor': kill('conductor'),
  'kill-coordinator': kill('coordinator'),
  'kill-tool-server': killToolServer,
  'kill-all': killAll,
  'crash-point': new CrashPoints(),
  'blink-gateway': blink('gateway'),
  'blink-router': blink('router'),
  'blink-health': blink('health'),
  'blink-worker': blink('worker'),
  'blink-conductor': blink('conductor'),
  'blink-coordinator': blink('coordinator'),
  'freeze-gateway': freeze('gateway'),
  'freeze-router': freeze('router'),
  'freeze-health': freeze('health'),
  'freeze-worker': freeze('worker'),
  'freeze-agent': freeze('agent'),
  'freeze-conductor': freeze('conductor'),
  'freeze-coordinator': freeze('coordinator'),
  'blocked-event-loop': blockedEventLoop,
  'clock-an-hour-off': clockAnHourOff,
  'rolling-restart': rollingRestart,
  'broker-kill': brokerKill,
  'broker-restart': brokerRestart,
  'broker-wipe': brokerWipe,
  'broker-memory-alarm': memoryAlarm,
  'queue-deleted': queueDeleted,
  'exchange-deleted': exchangeDeleted,
  'database-kill': databaseKill,
  'database-restart': databaseRestart,
  'database-disk-full': diskFull,
  'backends-terminated': backendsTerminated,
  'connection-reset': connectionReset,
  'black-hole': blackHole,
  'half-black-hole': halfBlackHole,
  latency,
  'slow-close': slowClose,
  'duplicate-dispatches': duplicateDispatches,
  'duplicate-submissions': duplicateSubmissions,
  'malformed-messages': malformedMessages,
} as const satisfies Record<FaultName, Fault>;

/** Pause between two faults of a lane: least and most, in milliseconds. */
const gapsMs = {
  light: [50, 900],
  process: [200, 2_500],
  crash: [100, 1_000],
  server: [2_000, 8_000],
} as const satisfies Record<Exclude<BacklogKey, 'alone'>, readonly [number, number]>;

type OverlappingLane = keyof typeof gapsMs;

/** There are many crash points: at their turn in the calm, so many follow one another. */
const crashesInARow = 6;

/** Faults of a lane at the same time. */
const widths = { light: 3, process: 1, crash: 2, server: 1 } as const satisfies Record<OverlappingLane, number>;

const lanes = (Object.keys(gapsMs) as OverlappingLane[]).flatMap((lane) =>
  Array.from({ length: widths[lane] }, () => lane),
);

/** A process may never reach its crash point: so many points are tried until one has killed. */
const crashTries = 4;

const recoveryPatienceMs = 60_000;
const pollMs = 40;

export interface StormOptions {
  readonly world: World;
  readonly faults: readonly FaultName[];
  readonly random: Random;
  /** Share of the run in which faults come one by one. */
  readonly calm: number;
  /** It is over after so many faults that are a kill -9, or when its time is. */
  readonly kills: number | undefined;
  readonly onInjected: (injected: Injected) => void;
  readonly onFailed: (fault: Fault, error: unknown) => void;
}

const unavailable = ({ message }: Unavailable): Injection => {
  const at = Date.now();
  return { at, over: at, unavailable: message };
};

/** Injects faults until its time is over. */
export class Storm {
  private readonly faults: readonly Fault[];
  private readonly done = new Set<Fault>();
  /** Faults that were a kill -9. */
  private kills = 0;

  constructor(private readonly options: StormOptions) {
    this.faults = options.faults.map((name) => catalogue[name]);
  }

  /**
   * First each fault alone, at least once and as often as its share of the run allows; then all lanes at the same time.
   * @returns how many faults were a kill -9
   */
  async run(ms: number): Promise<number> {
    const { calm, random, kills = Infinity } = this.options;
    const begin = performance.now();
    const isOver = (share: number) => (): boolean =>
      performance.now() >= begin + ms * share || this.kills >= kills * share;
    await this.oneByOne(isOver(calm));
    await Promise.all(lanes.map((lane) => this.keepLane(lane, isOver(1), random.fork())));
    return this.kills;
  }

  private async oneByOne(isOver: () => boolean): Promise<void> {
    const { random } = this.options;
    do {
      for (const fault of random.shuffled(this.faults)) {
        const [least, most] = fault.lane === 'crash' ? [crashTries, crashesInARow] : [1, 1];
        const isWanted = (n: number) => (n < least && !this.done.has(fault)) || (n < most && !isOver());
        for (let n = 0; isWanted(n); n++) await this.injectAndRecover(fault, random);
      }
    } while (!isOver());
  }

  private async injectAndRecover(fault: Fault, random: Random): Promise<void> {
    await this.inject(fault, random);
    await this.recovered(Date.now());
  }

  private async keepLane(lane: OverlappingLane, isOver: () => boolean, random: Random): Promise<void> {
    const faults = this.faults.filter((fault) => fault.lane === lane);
    while (faults.length > 0 && !isOver()) {
      await this.inject(random.pick(faults), random);
      const [from, to] = gapsMs[lane];
      await wait(random.between(from, to));
    }
  }

  private async inject(fault: Fault, random: Random): Promise<void> {
    try {
      const injection = await fault.inject(this.options.world, random);
      if (injection.unavailable === undefined) this.done.add(fault);
      if (isKill(fault.name)) this.kills += 1;
      this.options.onInjected({ fault, injection });
    } catch (error) {
      if (error instanceof Unavailable) this.options.onInjected({ fault, injection: unavailable(error) });
      else this.options.onFailed(fault, error);
    }
  }

  /** Resolves when a task has ended that was submitted after this moment. */
  private async recovered(since: number): Promise<void> {
    const deadline = performance.now() + recoveryPatienceMs;
    while (performance.now() < deadline) {
      if (await this.options.world.rows.endedSince(since).catch(() => false)) return;
      await wait(pollMs);
    }
  }
}
