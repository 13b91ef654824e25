import { runOperation } from '@pulser/agent-runtime/testing';
import type { FinishedTask } from '@pulser/agent-runtime/skill';

import { skillsMining } from '../src/index.js';
import { noiseHistory, plantedHistory } from './fixtures/planted-history.js';
import { expectations, judgeFactors, judgeSequences, type Verdict } from './judge.js';

interface Mined {
  readonly sequences: { readonly found: readonly { readonly steps: readonly string[] }[] };
  readonly success_factors: { readonly found: readonly { readonly task: string; readonly field: string }[] };
  readonly second_tries: { readonly found: readonly { readonly task: string; readonly field: string }[] };
}

const mine = async (finishedTasks: readonly FinishedTask[]): Promise<Mined> => {
  // Without clusters: nothing is embedded. The histories lie in the past, at fixed times.
  const payload = { operation: 'mine', since_days: 3_650, cluster_sample: 0, keep: false };
  return (await runOperation(skillsMining, payload, { finishedTasks })).result as Mined;
};

interface Place {
  readonly task: string;
  readonly field: string;
}

const isOf = (a: Place, b: Place): boolean => a.task === b.task && a.field === b.field;

const seeds = Array.from({ length: expectations.seeds }, (_, n) => n + 1);

const total = (verdicts: readonly Verdict[]): { found: number; planted: number; wrong: readonly string[] } => ({
  found: verdicts.reduce((sum, { found }) => sum + found, 0),
  planted: verdicts.reduce((sum, { planted }) => sum + planted, 0),
  wrong: verdicts.flatMap(({ wrong }) => wrong),
});

describe('mining', () => {
  it('finds what is planted in 20 histories, and hardly anything else', async () => {
    const verdicts = [];
    for (const seed of seeds) {
      const { tasks, planted } = plantedHistory(seed);
      const { sequences, success_factors, second_tries } = await mine(tasks);
      verdicts.push({
        sequences: judgeSequences(
          sequences.found.map(({ steps }) => steps),
          planted,
        ),
        // What cures a second try also tells successes from failures: by construction, so it is no mistake to say so.
        factors: judgeFactors(
          success_factors.found.filter(({ task, field }) => !planted.cures.some((cure) => isOf(cure, { task, field }))),
          planted.factors,
        ),
        cures: judgeFactors(second_tries.found, planted.cures),
      });
    }
    for (const kind of ['sequences', 'factors', 'cures'] as const) {
      const { found, planted, wrong } = total(verdicts.map((verdict) => verdict[kind]));
      process.stdout.write(`${kind}: ${found} of ${planted} found, ${wrong.length} wrong ${wrong.join('; ')}\n`);
      expect(found).toBeGreaterThanOrEqual(expectations[kind].found);
      expect(wrong.length).toBeLessThanOrEqual(expectations[kind].wrong);
    }
  }, 240_000);

  it('finds nothing in 20 histories in which nothing depends on anything', async () => {
    const reported = { sequences: 0, factors: 0, cures: 0 };
    for (const seed of seeds) {
      const { sequences, success_factors, second_tries } = await mine(noiseHistory(seed));
      reported.sequences += Number(sequences.found.length > 0);
      reported.factors += Number(success_factors.found.length > 0);
      reported.cures += Number(second_tries.found.length > 0);
    }
    process.stdout.write(`noise: reports in ${JSON.stringify(reported)} of ${seeds.length} histories\n`);
    expect(reported.sequences).toBeLessThanOrEqual(expectations.noise.sequences);
    expect(reported.factors).toBeLessThanOrEqual(expectations.noise.factors);
    expect(reported.cures).toBeLessThanOrEqual(expectations.noise.cures);
  }, 240_000);
});
