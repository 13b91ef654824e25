import { broken, keepEvidence, runFuzz, type Totals } from '../src/run.js';
import { summary } from '../src/report.js';
import { readBack } from '../src/check/reading.js';

const seed = 1;

describe('400 files of known values, read back', () => {
  let totals: Totals;
  const faults: string[] = [];

  beforeAll(async () => {
    totals = await runFuzz({ seed, from: 0, files: 400 }, readBack, (n, file, answer, judgement) => {
      if (judgement.faults.length === 0) return;
      faults.push(
        `${n} ${file.shape}: ${JSON.stringify(judgement.faults[0])} -> ${keepEvidence(seed, n, file, answer, judgement)}`,
      );
    });
  }, 480_000);

  it('have no value that is wrong without a word', () => {
    expect({ faults, wrong: totals.wrong }).toEqual({ faults: [], wrong: 0 });
  });

  it('come back typed where only one reading is possible, and are not refused', () => {
    expect(broken({ ...totals, faulty: 0 })).toEqual([]);
    expect(totals.unambiguous).toBeGreaterThan(10_000);
  });

  it('were all judged', () => {
    expect(totals.files).toBe(400);
    expect(summary(totals)).toHaveLength(7);
  });
});
