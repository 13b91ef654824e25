import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { inTurn, ModelServer, says } from '@pulser/testing/models';

import { casesIn, keepRecording, type NamedCase } from '../src/case.js';
import { modelOf, record } from '../src/record.js';
import { passes, reportOf } from '../src/report.js';
import { evaluateAll, evaluateCase } from '../src/run.js';

const folder = fileURLToPath(new URL('../cases', import.meta.url));

describe('the recorded cases', () => {
  let cases: NamedCase[];

  beforeAll(async () => {
    cases = await casesIn(folder);
  });

  const named = (name: string): NamedCase => {
    const found = cases.find((one) => one.name === name);
    if (found === undefined) throw new Error(`There is no case ${name}`);
    return found;
  };

  it('pass with the instructions of now', async () => {
    const evaluated = await evaluateAll(cases);
    expect(evaluated.length).toBeGreaterThanOrEqual(7);
    expect(
      evaluated.filter(({ outcome }) => !passes(outcome)).map(({ name, outcome }) => [name, outcome.problems]),
    ).toEqual([]);
    expect(reportOf(evaluated).at(-1)).toBe(`${cases.length} of ${cases.length} cases pass`);
  });

  it('fail when something else comes of them: another answer, another tool, an answer too many or too few', async () => {
    const one = named('dash-answers-by-schema');
    const [recording] = one.recordings;
    if (recording === undefined) throw new Error('It has no recording');
    const changed = async (change: Partial<NamedCase>): Promise<readonly string[]> =>
      (await evaluateCase({ ...one, ...change })).outcome.problems;
    const recorded = (answers: typeof recording.answers) => ({ recordings: [{ ...recording, answers }] });
    expect(await changed({})).toEqual([]);
    expect(await changed({ expect: { ...one.expect, answer: { days: 8 } } })).toEqual(['the answer is {"days":7}']);
    expect(await changed({ expect: { ...one.expect, tools: ['query'] } })).toEqual(['called nothing']);
    expect(await changed(recorded([...recording.answers, ...recording.answers]))).toEqual([
      '2 recorded answers were not asked for',
    ]);
    expect((await changed(recorded(recording.answers.slice(0, 1))))[0]).toContain('no further answer');
  });

  it('fail when the instructions changed and nobody recorded them', async () => {
    const one = named('dash-answers-by-schema');
    const [recording] = one.recordings;
    if (recording === undefined) throw new Error('It has no recording');
    const stale = await evaluateCase({ ...one, recordings: [{ ...recording, instructions: '0.1-old' }] });
    expect(stale.outcome.problems[0]).toContain('no recording with these instructions');
    const lines = reportOf([stale]).join('\n');
    expect(lines).toContain('FAIL');
    expect(lines).toContain(`dash-answers-by-schema: 0.1-old -> ${stale.outcome.instructions}\n  result: pass -> FAIL`);
  });

  it('are compared with the recording before', async () => {
    const one = named('dash-answers-by-schema');
    const [recording] = one.recordings;
    if (recording === undefined) throw new Error('It has no recording');
    const shorter = { ...recording, answers: recording.answers.slice(1) };
    const evaluated = await evaluateCase({ ...one, recordings: [{ ...recording, instructions: '0.1-old' }, shorter] });
    const lines = reportOf([evaluated]);
    expect(lines).toContain('  steps: 2 -> 1');
    expect(lines.some((line) => line.startsWith('  tokens: '))).toBe(true);
  });

  it('are recorded from a server of models, and evaluated by that', async () => {
    const kept = await mkdtemp(join(tmpdir(), 'eval-'));
    const server = await ModelServer.start(inTurn(says('{"days": 7}', { inputTokens: 9, outputTokens: 3 })));
    try {
      const one = named('dash-answers-by-schema');
      const file = join(kept, `${one.name}.json`);
      await record({ ...one, file }, modelOf({ LLM_BASE_URL: server.url, LLM_MODEL: 'tester' }));
      const [recorded] = await casesIn(kept);
      if (recorded === undefined) throw new Error('It was not kept');
      const answer = { text: '{"days": 7}', tools: [], usage: { input: 9, output: 3 } };
      expect(recorded.recordings).toMatchObject([{ model: 'tester', answers: [answer] }]);
      expect((await evaluateCase(recorded)).outcome).toMatchObject({ problems: [], steps: 1, inputTokens: 9 });
      expect(() => modelOf({ LLM_MODEL: 'tester' })).toThrow('LLM_BASE_URL');
    } finally {
      await server.stop();
      await rm(kept, { recursive: true });
    }
  });

  it('keep the recording of now and the one before', async () => {
    const kept = await mkdtemp(join(tmpdir(), 'eval-'));
    try {
      const { name, file, ...rest } = named('dash-answers-by-schema');
      const [recording] = rest.recordings;
      if (recording === undefined) throw new Error('It has no recording');
      const copy = join(kept, `${name}.json`);
      await writeFile(copy, await readFile(file));
      for (const instructions of ['2-a', '3-b', '3-b']) {
        const [read] = await casesIn(kept);
        if (read === undefined) throw new Error('The case is gone');
        await keepRecording(read, { ...recording, instructions });
      }
      const [last] = await casesIn(kept);
      expect(last?.recordings.map(({ instructions }) => instructions)).toEqual(['2-a', '3-b']);
    } finally {
      await rm(kept, { recursive: true });
    }
  });
});
