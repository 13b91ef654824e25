import { RunFolder, Servers } from '@pulser/harness';

import { Drill, type DrillOptions, usual } from '../src/drill/drill.js';
import type { DrillRecord } from '../src/drill/report.js';

const patienceMs = 420_000;

const dash = { ...usual, agent: 'dash', fault: 'kill', health: 1, seed: 7, rate: 4, untilReturned: false } as const;

let servers: Servers;

beforeAll(async () => {
  servers = await Servers.up('forky', 'drill-test');
}, patienceMs);

afterAll(() => servers.down());

const drilled = (name: string, options: DrillOptions): Promise<DrillRecord> =>
  new Drill(options, new RunFolder('drill', name), () => undefined).run(servers);

describe('Pulser, when all workers of an agent are killed under load', () => {
  let record: DrillRecord;

  beforeAll(async () => {
    record = await drilled('test', dash);
  }, patienceMs);

  it('gives new tasks to the back-up, loses none and doubles none', () => {
    expect(record).toMatchObject({ lost: 0, doubled: 0, failovers: 1, troubles: [] });
    expect(record.reroute_ms).not.toBeNull();
  });

  it('counts the agent as healthy again once its workers are back', () => {
    expect(record.recover_ms).not.toBeNull();
  });

  it('tells of each transition once, by mail and by webhook', () => {
    expect(record.transitions).toBeGreaterThanOrEqual(1);
    expect(record.hooks).toBe(record.transitions);
  });
});

describe('Pulser, when an agent fails and returns again and again', () => {
  let record: DrillRecord;

  beforeAll(async () => {
    record = await drilled('test-flap', {
      ...{ ...dash, fault: 'flap', untilReturned: true },
      // It fails again before its cool-down is over.
      flap: { forMs: 12_000, everyMs: 3_000 },
      wayBack: { coolDownMs: 6_000, stepMs: 1_000 },
    });
  }, patienceMs);

  it('fails it over once', () => {
    expect(record).toMatchObject({ lost: 0, doubled: 0, failovers: 1, troubles: [] });
  });

  it('gives its tasks back in steps, after a cool-down', () => {
    expect(record.way_back.map(({ share }) => share)).toEqual([0, 1, 10, 50, 100]);
  });

  it('tells of its failure and of its return, once each', () => {
    expect([record.transitions, record.hooks]).toEqual([2, 2]);
  });
});
