import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { RunFolder, workspaceRoot } from '@pulser/harness';

import { promises, type PromiseName } from '../src/check/promises.policy.js';
import type { FaultName } from '../src/faults/fault.js';
import type { Outcome } from '../src/report/report.js';
import { ChaosRun } from '../src/run/run.js';

const faults: readonly FaultName[] = [
  'kill-gateway',
  'kill-router',
  'kill-worker',
  'kill-conductor',
  'kill-coordinator',
  'kill-tool-server',
  'crash-point',
  'blink-worker',
  'freeze-worker',
  'broker-kill',
  'database-kill',
  'queue-deleted',
  'exchange-deleted',
  'backends-terminated',
  'connection-reset',
  'black-hole',
  'duplicate-dispatches',
  'duplicate-submissions',
  'malformed-messages',
];

const minutes = 0.9;
const patienceMs = 400_000;

describe('Pulser, while its processes, servers and networks are broken under load', () => {
  let outcome: Outcome;
  const diary: string[] = [];

  beforeAll(async () => {
    const options = {
      minutes,
      seed: 20,
      rate: 25,
      calm: 0.5,
      suite: 'forky',
      instance: 'chaos-test',
      faults,
      kills: undefined,
    } as const;
    const folder = new RunFolder('chaos', 'test');
    outcome = await new ChaosRun(options, folder, (line) => diary.push(line)).run();
  }, patienceMs);

  it.each(Object.keys(promises) as PromiseName[])('keeps the promise that %s', (promise) => {
    const judged = outcome.judged.find((one) => one.promise === promise);
    expect(judged?.violations).toEqual([]);
  });

  it('comes to rest once nothing breaks any more', () => {
    expect({ settled: outcome.settled, troubles: outcome.troubles }).toEqual({ settled: true, troubles: [] });
  });

  it('was under load, and was broken in every way that was asked for', () => {
    const accepted = outcome.facts.submitted.filter((one) => one.accepted);
    expect(accepted.length).toBeGreaterThan(200);
    // Some answers of those without a key are lost.
    expect(accepted.filter(({ keyed }) => !keyed).length).toBeGreaterThan(40);
    const { runs, schedules, approvals, spend } = outcome.facts.waiting;
    const fires = schedules.flatMap((schedule) => schedule.fires);
    const deliveries = accepted.filter(({ via }) => via === 'hook');
    const failures = outcome.facts.tasks.filter(({ operation }) => operation === 'doomed');
    for (const some of [runs, approvals, spend, deliveries, failures]) expect(some.length).toBeGreaterThan(3);
    expect(fires.length).toBeGreaterThan(20);
    const { writes, reads } = outcome.facts.tools;
    expect(writes.filter(({ end }) => end === 'done').length).toBeGreaterThan(10);
    expect(reads.length).toBeGreaterThan(10);
    const injected = outcome.records.filter(({ unavailable }) => unavailable === undefined);
    expect([...new Set(injected.map(({ fault }) => fault))].sort()).toEqual([...faults].sort());
  });

  it('goes on after every fault', () => {
    expect(
      outcome.records.filter(({ recover_ms, unavailable }) => recover_ms === null && unavailable === undefined),
    ).toEqual([]);
  });

  it('puts every malformed message among the dead letters', () => {
    const malformed = outcome.records.filter(({ fault, alone }) => fault === 'malformed-messages' && alone);
    for (const { detect_ms } of malformed) expect(detect_ms).not.toBeNull();
  });
});

const execute = promisify(execFile);

const preloaded = (point: string) =>
  execute(process.execPath, ['--import', './apps/chaos/dist/crash/preload.js', '--eval', ''], {
    cwd: workspaceRoot,
    env: { ...process.env, CHAOS_CRASH_AT: point },
  });

describe('The crash points', () => {
  it('all name steps that the libraries still take', async () => {
    await expect(preloaded('check')).resolves.toBeDefined();
  });

  it('are refused, before the program starts, when there is no such step', async () => {
    await expect(preloaded('nothing:after:1')).rejects.toThrow('no crash point "nothing:after:1"');
  });
});

describe('The breakages of a drill', () => {
  it('reach into a method that the library still has', async () => {
    const loaded = ['--import', './apps/chaos/dist/drill/preload.js', '--eval', ''];
    await expect(execute(process.execPath, loaded, { cwd: workspaceRoot })).resolves.toBeDefined();
  });
});
