// What is promised of calls of tools: what their callers were told, held against the effects at the servers and the audit.
import type { TimesOfCalls } from './audit.js';
import type { ServedCall } from './effect-servers.js';

/** What came of a call in the end. `unknown`: it may have run. `not made`: its key is spent, and it never will be. */
export type CallEnd = 'done' | 'unknown' | 'not made';

/** What the error of a call says of its repeat: in the problem of REST, in `_meta` at /mcp. */
export interface CallError {
  readonly may_have_run?: boolean | undefined;
  readonly key_spent?: boolean | undefined;
}

/** @returns undefined: it may be made again with its key */
export const endOf = (isDone: boolean, error: CallError = {}): CallEnd | undefined => {
  if (isDone) return 'done';
  if (error.may_have_run === true) return 'unknown';
  return error.key_spent === true ? 'not made' : undefined;
};

/** A call that changes something, with one idempotency key, however often it was sent. */
export interface WriteCall {
  readonly ref: string;
  /** Undefined: none was answered. */
  readonly end: CallEnd | undefined;
  /** When the servers had its effects. All times in milliseconds since the epoch. */
  readonly effects: readonly number[];
  /** When the first of its rows began; undefined: the audit has none. */
  readonly writtenAt: number | undefined;
}

/** A call that only reads, and was answered. */
export interface ReadCall {
  readonly ref: string;
  readonly answeredAt: number;
  /** Process through which it reached its server; undefined: it never did. */
  readonly coordinator: number | undefined;
  /** When it ended as the audit has it; undefined: it has not. */
  readonly writtenAt: number | undefined;
}

/** A promise that was not kept. */
export interface BrokenCall {
  readonly kind: 'doubled' | 'lost' | 'wrong';
  readonly what: string;
  readonly ref?: string;
}

const fewest = { done: 1, unknown: 0, 'not made': 0 } as const satisfies Record<CallEnd, number>;
const most = { done: 1, unknown: 1, 'not made': 0 } as const satisfies Record<CallEnd, number>;

/** Calls that had more or fewer effects than their callers were told. */
export const brokenEffects = (calls: readonly WriteCall[]): BrokenCall[] =>
  calls.flatMap(({ ref, end = 'unknown', effects: { length } }): BrokenCall[] => {
    if (length >= fewest[end] && length <= most[end]) return [];
    const kind = length > 1 ? 'doubled' : length < fewest[end] ? 'lost' : 'wrong';
    return [{ kind, what: `${length} effects of a call of a tool that is ${end}`, ref }];
  });

/** Calls with an effect and without a row from before it: that of a repeat is younger. */
export const unwrittenEffects = (calls: readonly WriteCall[]): BrokenCall[] =>
  calls
    .filter(({ effects, writtenAt = Infinity }) => effects.some((at) => writtenAt > at))
    .map(({ ref, writtenAt }) => ({
      kind: 'wrong',
      what: `a call of a tool had an effect ${writtenAt === undefined ? 'and is in no audit' : 'before it was written down'}`,
      ref,
    }));

const beyondCounter = (pid: number, calls: readonly ReadCall[], unrecorded: number): BrokenCall[] => {
  const missing = calls.filter(({ writtenAt }) => writtenAt === undefined);
  if (missing.length === unrecorded) return [];
  const what = `${missing.length} reads through the coordinator ${pid} are in no audit, its counter has ${unrecorded}`;
  return [{ kind: 'lost', what, ...(missing[0] && { ref: missing[0].ref }) }];
};

// One that was killed takes what it had not written yet, and its counter: as it writes in the order of their ends, these are its
// last reads.
const outOfOrder = (pid: number, calls: readonly ReadCall[]): BrokenCall[] => {
  const newest = Math.max(...calls.map(({ writtenAt }) => writtenAt ?? -Infinity));
  return calls
    .filter(({ writtenAt, answeredAt }) => writtenAt === undefined && answeredAt < newest)
    .map(({ ref }) => ({
      kind: 'lost',
      what: `a read through the coordinator ${pid}, which has ended, is in no audit, and a later one is`,
      ref,
    }));
};

/** Reads that are missing in the audit. @param running what the counter of each coordinator says that runs, by its process */
export const missingReads = (calls: readonly ReadCall[], running: ReadonlyMap<number, number>): BrokenCall[] => {
  const pids = new Set([...running.keys(), ...calls.flatMap(({ coordinator }) => coordinator ?? [])]);
  const ofNone = calls
    .filter(({ coordinator }) => coordinator === undefined)
    .map(({ ref }): BrokenCall => ({ kind: 'wrong', what: 'a read was answered, and no server had it', ref }));
  const ofOne = [...pids].flatMap((pid) => {
    const own = calls.filter(({ coordinator }) => coordinator === pid);
    const unrecorded = running.get(pid);
    return unrecorded === undefined ? outOfOrder(pid, own) : beyondCounter(pid, own, unrecorded);
  });
  return [...ofNone, ...ofOne];
};

/** Joins what callers know of their calls that write with what servers and audit have; effects of other calls count too. */
export const writeCalls = (
  ends: ReadonlyMap<string, CallEnd | undefined>,
  served: readonly ServedCall[],
  written: TimesOfCalls,
): WriteCall[] => {
  const effects = Map.groupBy(
    served.filter(({ tool }) => tool !== 'look'),
    ({ ref }) => ref,
  );
  return [...new Set([...ends.keys(), ...effects.keys()])].map((ref) => ({
    ref,
    end: ends.get(ref),
    effects: (effects.get(ref) ?? []).map(({ at }) => at),
    writtenAt: written.get(ref),
  }));
};

/** The same of reads. @param answered when each answer came */
export const readCalls = (
  answered: ReadonlyMap<string, number>,
  served: readonly ServedCall[],
  written: TimesOfCalls,
): ReadCall[] => {
  const looks = Map.groupBy(
    served.filter(({ tool }) => tool === 'look'),
    ({ ref }) => ref,
  );
  return [...answered].map(([ref, answeredAt]) => ({
    ref,
    answeredAt,
    // One may come to a second coordinator when the first one has lost its connection.
    coordinator: looks.get(ref)?.findLast(({ at }) => at <= answeredAt)?.coordinator,
    writtenAt: written.get(ref),
  }));
};
