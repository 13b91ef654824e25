import { brokenPromises, type DrillRecord, drillTable } from './report.js';

const record = (changes: Partial<DrillRecord> = {}): DrillRecord => ({
  ...{ agent: 'dash', fault: 'kill', health: 1, submitted: 200 },
  ...{ notice_ms: 1_500, reroute_ms: 2_000, recover_ms: 3_000, return_ms: null, late: 4, failovers: 1 },
  ...{ lost: 0, doubled: 0, transitions: 2, mails: 2, hooks: 2, way_back: [], troubles: [] },
  ...changes,
});

describe('the table of drills', () => {
  it('has a line for each fault that was drilled, in seconds', () => {
    const [, , ...lines] = drillTable([record(), record({ reroute_ms: 4_000 }), record({ fault: 'lie' })]).split('\n');
    expect(lines).toEqual([
      '| kill | 2 | 1.5 | 1.5 | 2.0 | 4.0 | 3.0 | 3.0 |  | 2 | 400 | 8 | 0 | 0 | 4 | 4 | 4 |',
      '| lie | 1 | 1.5 | 1.5 | 2.0 | 2.0 | 3.0 | 3.0 |  | 1 | 200 | 4 | 0 | 0 | 2 | 2 | 2 |',
    ]);
  });
});

describe('a promise of drills', () => {
  it('is kept in time', () => {
    expect(brokenPromises([record(), record({ fault: 'slow', notice_ms: 59_000, reroute_ms: null })])).toEqual([]);
  });

  it('is about times while one health service leads all the time', () => {
    expect(brokenPromises([record({ health: 3, reroute_ms: 15_000 })])).toEqual([]);
  });

  it.each([
    ['comes too late', record({ reroute_ms: 5_100 }), 'kill: reroute_ms p95 is 5.1 s, 5 s are promised'],
    ['never comes', record({ reroute_ms: null }), 'kill: 1 of 1 drills have no reroute_ms'],
    ['never comes', record({ fault: 'slow', notice_ms: null }), 'slow: 1 of 1 drills have no notice_ms'],
    ['is broken in words', record({ troubles: ['lost: accepted, and no row (ref 7)'] }), 'lost: accepted, and no row'],
  ])('is broken when it %s', (_, one, said) => {
    expect(brokenPromises([one]).join()).toContain(said);
  });
});
