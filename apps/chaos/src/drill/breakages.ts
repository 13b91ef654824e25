// The ways in which a drill breaks an agent, from outside where that is possible, and how it is made whole again.
import { writeFile } from 'node:fs/promises';

import type { Member } from '../fleet/fleet.js';

/** Every way, in the order of the report. */
export const breakageNames = ['kill', 'freeze', 'deafen', 'flap', 'slow', 'leak', 'lie', 'hang'] as const;
export type BreakageName = (typeof breakageNames)[number];

/** What an agent does that is broken from inside, by `preload.ts`. */
export const insideModes = ['slow', 'leak', 'lie', 'hang'] as const;
export type InsideMode = (typeof insideModes)[number];

/** The processes of the agent that is broken, all at once. */
export interface Victims {
  readonly members: readonly Member[];
  /** Holds the mode of those that are broken from inside; empty: none. */
  readonly modeFile: string;
}

/** One way. */
export interface Breakage {
  readonly summary: string;
  /** What its status must become, and whether its tasks must go to another agent. */
  readonly expects: 'unhealthy' | 'degraded';
  /** Tasks that must have completed before: what is usual must be known. */
  readonly knownTasks: number;
  /** What it has taken stays with it, because it renews the leases: the first task after the breakage may be among that. */
  readonly keepsTasks?: true;
  /** It returns and fails again, over and over, before it is made whole. */
  readonly flaps?: true;
  begin(victims: Victims): Promise<void>;
  end(victims: Victims): Promise<void>;
}

const all = async ({ members }: Victims, work: (member: Member) => unknown): Promise<void> => {
  await Promise.all(members.map(work));
};

const restart = async ({ service }: Member): Promise<void> => {
  service.start();
  await service.ready();
};

// The connection on which a worker gets its tasks; it publishes heartbeats and events on another one.
const consuming = (name: string): boolean => name.endsWith('(consume)');

type InsideBreakage = Pick<Breakage, 'summary' | 'expects' | 'keepsTasks'> & { readonly knownTasks?: number };

const fewTasks = 10;

const inside = (mode: InsideMode, { knownTasks = fewTasks, ...rest }: InsideBreakage): Breakage => ({
  ...{ ...rest, knownTasks },
  begin: ({ modeFile }) => writeFile(modeFile, mode),
  end: ({ modeFile }) => writeFile(modeFile, ''),
});

/** The broker has lost its consumers. */
const deafness = {
  expects: 'unhealthy',
  knownTasks: fewTasks,
  begin: (victims) =>
    all(victims, ({ toBroker }) => {
      toBroker.deafen(consuming);
    }),
  end: (victims) =>
    all(victims, ({ toBroker }) => {
      toBroker.hear();
    }),
} as const satisfies Omit<Breakage, 'summary'>;

export const breakages: Readonly<Record<BreakageName, Breakage>> = {
  kill: {
    summary: 'kill -9 of all its processes',
    expects: 'unhealthy',
    knownTasks: fewTasks,
    begin: (victims) => all(victims, ({ service }) => service.end('SIGKILL')),
    end: (victims) => all(victims, restart),
  },
  freeze: {
    summary: 'SIGSTOP of all its processes',
    expects: 'unhealthy',
    knownTasks: fewTasks,
    begin: (victims) =>
      all(victims, ({ service }) => {
        service.freeze();
      }),
    end: (victims) =>
      all(victims, ({ service }) => {
        service.thaw();
      }),
  },
  deafen: {
    ...deafness,
    summary: 'the broker has lost its consumers; it does not know, answers over HTTP and sends heartbeats',
  },
  flap: { ...deafness, flaps: true, summary: 'it is deaf and hears again, in turns' },
  slow: inside('slow', { expects: 'degraded', knownTasks: 120, summary: 'its handlers take ten times as long' }),
  leak: inside('leak', { expects: 'degraded', summary: 'the memory of one of its processes grows by 80 MB a second' }),
  lie: inside('lie', {
    expects: 'unhealthy',
    keepsTasks: true,
    summary: 'it takes tasks, renews their leases, reports free slots, and finishes none',
  }),
  hang: inside('hang', {
    expects: 'degraded',
    summary: 'its handlers hang: all slots are taken, leases are renewed, and no task ends',
  }),
};
