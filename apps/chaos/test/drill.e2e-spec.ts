import { RunFolder, Servers } from '@pulser/harness';

import { Drill } from '../src/drill/drill.js';
import type { DrillRecord } from '../src/drill/report.js';

const patienceMs = 420_000;

describe('Pulser, when all workers of an agent are killed under load', () => {
  let record: DrillRecord;
  const diary: string[] = [];

  beforeAll(async () => {
    const servers = await Servers.up('forky', 'drill-test');
    try {
      const options = { agent: 'dash', fault: 'kill', health: 1, seed: 7, rate: 4, untilReturned: false } as const;
      const drill = new Drill(options, new RunFolder('drill', 'test'), (line) => diary.push(line));
      record = await drill.run(servers);
    } finally {
      await servers.down();
    }
  }, patienceMs);

  it('gives new tasks to the back-up, loses none and doubles none', () => {
    expect(record).toMatchObject({ lost: 0, doubled: 0, failovers: 1, troubles: [] });
    expect(record.reroute_ms).not.toBeNull();
  });

  it('counts the agent as healthy again once its workers are back', () => {
    expect(record.recover_ms).not.toBeNull();
  });

  it('tells of each transition once, by mail and by webhook', () => {
    expect(record.told).toBeGreaterThanOrEqual(1);
    expect(record.hooks).toBe(record.told);
  });
});
